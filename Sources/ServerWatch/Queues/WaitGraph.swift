/// Who waits for whom in the gateways that report their queues, and which of these waits can never end.
///
/// An actor waits for a resource; any of the actors that free the resource can end the wait. A wait can never end when
/// all of these wait themselves and none of their waits can end. An actor of which nothing is known is never taken for
/// stuck, so that a report that leaves something out hides a deadlock rather than inventing one.
package struct WaitGraph: Sendable {
    package struct Wait: Equatable, Sendable {
        package var gateway: String
        package var actor: QueueReport.Actor
        package var resource: QueueReport.Resource
        /// Where the resource is; across gateways another one.
        package var resourceGateway: String
    }

    /// Below this a wait may be one of many short ones, milliseconds.
    static let lastingWaitMs = 500

    /// Waits that lasted through both reports, in the order of the reports.
    package private(set) var lasting: [Wait] = []
    /// Circular waits: each leg's resource is freed by the next leg's actor, the last one's by the first.
    package private(set) var cycles: [[Wait]] = []
    /// Waits that a circular wait keeps from ending, without being part of one.
    package private(set) var behind: [Wait] = []

    private var resources: [String: (gateway: String, resource: QueueReport.Resource)] = [:]
    private var actors: [String: (gateway: String, actor: QueueReport.Actor)] = [:]

    /// - Parameters:
    ///   - first: one report of each gateway.
    ///   - second: the same a moment later; a wait that has moved meanwhile is none.
    package init(first: [QueueReport], second: [QueueReport]) {
        let before = Self.waits(first)
        for report in second {
            for resource in report.resources where resources[resource.id] == nil {
                resources[resource.id] = (report.gateway, resource)
            }
            for actor in report.actors where actors[actor.id] == nil {
                actors[actor.id] = (report.gateway, actor)
            }
        }
        var seen: Set<String> = []
        for report in second {
            for actor in report.actors where seen.insert(actor.id).inserted {
                guard let wanted = actor.waitsFor, before[actor.id] == wanted, let target = resources[wanted],
                    (actor.waitingMs ?? 0) >= Self.lastingWaitMs, actor.count > 0
                else { continue }
                lasting.append(
                    Wait(
                        gateway: report.gateway, actor: actor, resource: target.resource,
                        resourceGateway: target.gateway))
            }
        }
        let stuck = Self.endless(lasting)
        cycles = Self.cycles(stuck)
        let inCycle = Set(cycles.joined().map(\.actor.id))
        behind = stuck.filter { !inCycle.contains($0.actor.id) }
    }

    /// The actor's name for people, or its id when no report describes it.
    func actor(_ id: String) -> (gateway: String, actor: QueueReport.Actor)? { actors[id] }

    /// Queues without a free place, in the order of their ids.
    package var fullQueues: [(gateway: String, resource: QueueReport.Resource)] {
        resources.values.filter { entry in
            guard let capacity = entry.resource.capacity, let used = entry.resource.used else { return false }
            return capacity > 0 && used >= capacity
        }.sorted { $0.resource.id < $1.resource.id }
    }

    /// Chains of two waits and more that end at a resource which nobody in the reports frees: each leg's resource is
    /// freed by the next leg's actor. The longest first, no part of another one by itself.
    package var outward: [[Wait]] {
        let waits = Dictionary(lasting.map { ($0.actor.id, $0) }, uniquingKeysWith: { first, _ in first })
        // From the ends on, so that each wait is looked at once however long the chains are.
        var next: [String: Wait] = [:]
        var followers: [String: [Wait]] = [:]
        for wait in lasting where wait.actor.count == 1 && wait.resource.freedBy.count == 1 {
            guard let owner = wait.resource.freedBy.first, let after = waits[owner] else { continue }
            next[wait.actor.id] = after
            followers[owner, default: []].append(wait)
        }
        var heads: [(wait: Wait, length: Int)] = []
        var open = lasting.filter { $0.actor.count == 1 && $0.resource.freedBy.isEmpty }.map { (wait: $0, length: 1) }
        while let (wait, length) = open.popLast() {
            guard let more = followers[wait.actor.id] else {
                if length > 1 { heads.append((wait, length)) }
                continue
            }
            open += more.map { ($0, length + 1) }
        }
        heads.sort { ($1.length, $0.wait.actor.id) < ($0.length, $1.wait.actor.id) }
        return heads.prefix(Self.mostChains).map { head in
            Array(sequence(first: head.wait) { next[$0.actor.id] }.prefix(head.length))
        }
    }

    private static let mostChains = 16

    private static func waits(_ reports: [QueueReport]) -> [String: String] {
        var waits: [String: String] = [:]
        for report in reports {
            for actor in report.actors where waits[actor.id] == nil { waits[actor.id] = actor.waitsFor }
        }
        return waits
    }

    /// Takes away the waits that somebody who is not stuck can end, then those that these can end, and so on.
    private static func endless(_ waits: [Wait]) -> [Wait] {
        let waiting = Set(waits.map(\.actor.id))
        var freed: [String: [Int]] = [:]
        var endable: [Int] = []
        for (position, wait) in waits.enumerated() {
            for owner in wait.resource.freedBy { freed[owner, default: []].append(position) }
            if wait.resource.freedBy.isEmpty || !wait.resource.freedBy.allSatisfy(waiting.contains) {
                endable.append(position)
            }
        }
        var isEndable = Set(endable)
        while let position = endable.popLast() {
            for follower in freed[waits[position].actor.id] ?? [] where isEndable.insert(follower).inserted {
                endable.append(follower)
            }
        }
        return waits.indices.filter { !isEndable.contains($0) }.map { waits[$0] }
    }

    /// Without those for whom nobody waits, and then nobody else: what is left is on a cycle or between two.
    private static func core(_ next: [[Int]]) -> Set<Int> {
        var waitedFor = Array(repeating: 0, count: next.count)
        for target in next.joined() { waitedFor[target] += 1 }
        var outside = next.indices.filter { waitedFor[$0] == 0 }
        var core = Set(next.indices).subtracting(outside)
        while let position = outside.popLast() {
            for target in next[position] {
                waitedFor[target] -= 1
                if waitedFor[target] == 0, core.remove(target) != nil { outside.append(target) }
            }
        }
        return core
    }

    /// One shortest cycle through each actor that is on one, each actor in at most one of them.
    private static func cycles(_ stuck: [Wait]) -> [[Wait]] {
        let index = Dictionary(stuck.enumerated().map { ($1.actor.id, $0) }, uniquingKeysWith: { first, _ in first })
        let next = stuck.map { wait in wait.resource.freedBy.compactMap { index[$0] } }
        var taken = Set<Int>()
        var found: [[Wait]] = []
        for start in core(next).sorted() where !taken.contains(start) {
            guard let cycle = shortestCycle(from: start, next), taken.isDisjoint(with: cycle) else { continue }
            taken.formUnion(cycle)
            found.append(cycle.map { stuck[$0] })
        }
        return found
    }

    private static func shortestCycle(from start: Int, _ next: [[Int]]) -> [Int]? {
        var cameFrom: [Int: Int] = [:]
        var queue = [start]
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            for follower in next[node] {
                if follower == start {
                    var path = [node]
                    while let previous = path.last, previous != start, let earlier = cameFrom[previous] {
                        path.append(earlier)
                    }
                    return path.reversed()
                }
                guard cameFrom[follower] == nil else { continue }
                cameFrom[follower] = node
                queue.append(follower)
            }
        }
        return nil
    }
}
