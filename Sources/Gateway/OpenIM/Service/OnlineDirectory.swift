internal import Synchronization

/// Who is online, on which platforms and at which gateways, as the gateways report it.
final class OnlineDirectory: Sendable {
    private struct Presence {
        var platform: Int32
        /// Its push address.
        var gateway: String
        /// Connections; below 0 while the report of an end has overtaken that of its login.
        var count: Int
        var since: MonotonicTime
    }

    private struct State {
        var presences: [String: [Presence]] = [:]
        /// Somebody wants to know when they come or go.
        var watched: Set<String> = []
    }

    private let state = Mutex(State())

    /// - Returns: the platforms that a watched user is now online on, if these have changed.
    func loggedIn(_ userID: String, platform: Int32, gateway: String) -> [Int32]? {
        change(userID, platform, gateway, by: 1)
    }

    /// - Returns: as ``loggedIn(_:platform:gateway:)`` does.
    func loggedOut(_ userID: String, platform: Int32, gateway: String) -> [Int32]? {
        change(userID, platform, gateway, by: -1)
    }

    private func change(_ userID: String, _ platform: Int32, _ gateway: String, by amount: Int) -> [Int32]? {
        state.withLock { state in
            var ofUser = state.presences[userID] ?? []
            let before = state.watched.contains(userID) ? Self.platforms(ofUser) : nil
            if let index = ofUser.firstIndex(where: { $0.platform == platform && $0.gateway == gateway }) {
                ofUser[index].count += amount
                if ofUser[index].count == 0 { ofUser.remove(at: index) }
            } else {
                ofUser.append(Presence(platform: platform, gateway: gateway, count: amount, since: .now))
            }
            state.presences[userID] = ofUser.isEmpty ? nil : ofUser
            guard let before else { return nil }
            let after = Self.platforms(ofUser)
            return after == before ? nil : after
        }
    }

    /// From now on changes of these users are told.
    func watch(_ userIDs: [String]) {
        state.withLock { $0.watched.formUnion(userIDs) }
    }

    /// Nobody is online at a gateway that has gone.
    func forget(gateway: String) {
        state.withLock { state in
            state.presences = state.presences.compactMapValues { ofUser in
                let rest = ofUser.filter { $0.gateway != gateway }
                return rest.isEmpty ? nil : rest
            }
        }
    }

    /// In ascending order.
    func platforms(of userID: String) -> [Int32] {
        state.withLock { Self.platforms($0.presences[userID] ?? []) }
    }

    private static func platforms(_ presences: [Presence]) -> [Int32] {
        Set(presences.filter { $0.count > 0 }.map(\.platform)).sorted()
    }

    /// Online, and since before `instant`.
    func isOnline(_ userID: String, before instant: MonotonicTime) -> Bool {
        state.withLock { $0.presences[userID]?.contains { $0.count > 0 && $0.since <= instant } ?? false }
    }
}
