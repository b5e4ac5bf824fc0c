internal import Foundation

/// What a bundled gateway says at `/debug/queues`: who waits in it for what.
package struct QueueReport: Codable, Equatable, Sendable {
    /// A queue or a lock.
    package struct Resource: Codable, Equatable, Sendable {
        /// Unique among all gateways, such as `gateway-0/queue:unregister`.
        package var id: String
        /// For people: `unregister queue`, `write lock of session 812 (user-7)`.
        package var what: String
        /// Places and taken places of a queue; a lock has neither.
        package var capacity: Int?
        package var used: Int?
        /// How many threads wait for it.
        package var waiting: Int?
        /// Ids of the actors that alone can end a wait for it: who takes from the queue, or holds the lock.
        package var freedBy: [String]

        private enum CodingKeys: String, CodingKey {
            case id, what, capacity, used, waiting, freedBy = "freed_by"
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decode(String.self, forKey: .id)
            what = try values.decode(String.self, forKey: .what)
            capacity = try values.decodeIfPresent(Int.self, forKey: .capacity)
            used = try values.decodeIfPresent(Int.self, forKey: .used)
            waiting = try values.decodeIfPresent(Int.self, forKey: .waiting)
            freedBy = try values.decodeIfPresent([String].self, forKey: .freedBy) ?? []
        }
    }

    /// A thread, or several that do the same.
    package struct Actor: Codable, Equatable, Sendable {
        /// Unique among all gateways, such as `gateway-0/thread:hub`.
        package var id: String
        /// For people: `hub thread`; in the plural when `count` is more than one.
        package var what: String
        /// Kernel's thread id.
        package var tid: Int32?
        package var count: Int
        /// What it is at, for people: `kicking session 812 (user-7) for session 900`.
        package var doing: String?
        /// Id of the resource it waits for.
        package var waitsFor: String?
        /// Of several, the longest wait.
        package var waitingMs: Int?

        private enum CodingKeys: String, CodingKey {
            case id, what, tid, count, doing, waitsFor = "waits_for", waitingMs = "waiting_ms"
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decode(String.self, forKey: .id)
            what = try values.decode(String.self, forKey: .what)
            tid = try values.decodeIfPresent(Int32.self, forKey: .tid)
            count = max(0, try values.decodeIfPresent(Int.self, forKey: .count) ?? 1)
            doing = try values.decodeIfPresent(String.self, forKey: .doing)
            waitsFor = try values.decodeIfPresent(String.self, forKey: .waitsFor)
            waitingMs = try values.decodeIfPresent(Int.self, forKey: .waitingMs)
        }
    }

    package var gateway: String
    package var pid: Int32?
    package var resources: [Resource]
    package var actors: [Actor]

    /// - Throws: `DecodingError` when it is no such document.
    package init(parsing json: [UInt8]) throws {
        self = try JSONDecoder().decode(QueueReport.self, from: Data(json))
    }
}
