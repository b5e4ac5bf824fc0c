extension WaitGraph {
    static let cycleWeight = 110
    static let behindWeight = 109
    static let outwardWeight = 105
    static let fullQueueWeight = 40

    /// What a reader who knows nothing of the gateway needs, in whole sentences; the heaviest first.
    package var tellingLines: [TellingLine] {
        var lines = cycles.map { TellingLine(weight: Self.cycleWeight, text: sentence($0)) }
        if let sentence = behindSentence { lines.append(TellingLine(weight: Self.behindWeight, text: sentence)) }
        if cycles.isEmpty {
            let chains = outward.prefix(Self.maxNamed)
            lines += chains.map { TellingLine(weight: Self.outwardWeight, text: sentence(outward: $0)) }
            let told = Set(chains.joined().map(\.actor.id))
            lines += fullQueues.map { TellingLine(weight: Self.fullQueueWeight, text: sentence(fullQueue: $0)) }
            lines += lasting.filter {
                $0.actor.count == 1 && $0.resource.capacity == nil && !told.contains($0.actor.id)
            }.prefix(Self.maxNamed).map { TellingLine(weight: Self.fullQueueWeight, text: leg($0, home: nil)) }
        }
        return lines.map { TellingLine(weight: $0.weight, text: Printable.text($0.text)) }
    }

    /// One circular wait.
    func sentence(_ cycle: [Wait]) -> String {
        guard let only = cycle.first else { return "" }
        if cycle.count == 1 { return selfWait(only) }
        let gateways = Set(cycle.map(\.gateway))
        let home = gateways.count == 1 ? only.gateway : nil
        let place = home.map { "in \($0)" } ?? "across \(gateways.sorted().joined(separator: " and "))"
        return "circular wait \(place): \(cycle.map { leg($0, home: home) }.joined(separator: "; "))"
    }

    /// One chain of waits that ends at somebody outside.
    private func sentence(outward chain: [Wait]) -> String {
        let gateways = Set(chain.flatMap { [$0.gateway, $0.resourceGateway] })
        let home = gateways.count == 1 ? gateways.first : nil
        let place = home.map { "\($0) waits" } ?? "\(gateways.sorted().joined(separator: " and ")) wait"
        return "\(place) for somebody outside: \(chain.map { leg($0, home: home) }.joined(separator: "; "))"
    }

    private func selfWait(_ wait: Wait) -> String {
        let since = Self.since(wait.actor)
        let doing = wait.actor.doing.map { ", \($0)" } ?? ""
        let actor = name(wait.actor, of: wait.gateway, home: wait.resourceGateway)
        guard let fill = Self.fill(wait.resource) else {
            return "\(actor) waits\(since) for the \(wait.resource.what) of \(wait.resourceGateway), "
                + "which only it can give up\(doing)"
        }
        let state = Self.isFull(wait.resource) ? "is full (\(fill))" : "holds \(fill)"
        return "the \(wait.resource.what) of \(wait.resourceGateway) \(state) and \(actor), the only one that takes "
            + "from it, waits for a place in it\(since)\(doing)"
    }

    /// `the hub thread (tid 4711), kicking …, waits since 4.2 s for …, which … holds`
    private func leg(_ wait: Wait, home: String?) -> String {
        let doing = wait.actor.doing.map { ", \($0)," } ?? ""
        let verb = wait.actor.count == 1 ? "waits" : "wait"
        let start = "\(name(wait.actor, of: wait.gateway, home: home))\(doing) \(verb)\(Self.since(wait.actor)) for "
        let resource =
            wait.resourceGateway == home
            ? "the \(wait.resource.what)" : "the \(wait.resource.what) of \(wait.resourceGateway)"
        let others = wait.resource.freedBy.map { id in
            actor(id).map { name($0.actor, of: $0.gateway, home: home) } ?? id
        }
        guard !others.isEmpty else { return start + resource }
        let owner = others.joined(separator: " and ")
        let plural = others.count > 1
        if let fill = Self.fill(wait.resource) {
            let state = Self.isFull(wait.resource) ? "is full (\(fill))" : "holds \(fill)"
            return start
                + "a place in \(resource), which \(state) and from which only \(owner) take\(plural ? "" : "s")"
        }
        if wait.resource.what.contains("lock") {
            return start + "\(resource), which \(owner) hold\(plural ? "" : "s")"
        }
        return start + "\(resource), which only \(owner) can give"
    }

    private func sentence(fullQueue entry: (gateway: String, resource: QueueReport.Resource)) -> String {
        let takers = entry.resource.freedBy.compactMap { actor($0) }.map { taker in
            let name = name(taker.actor, of: taker.gateway, home: entry.gateway)
            return taker.actor.doing.map { "\(name) takes from it and is \($0)" } ?? "\(name) takes from it"
        }
        let waiting = entry.resource.waiting.map { $0 > 0 ? ", \($0) wait for a place in it" : "" } ?? ""
        let end = takers.isEmpty ? "" : "; \(takers.joined(separator: ", "))"
        return
            "the \(entry.resource.what) of \(entry.gateway) is full (\(Self.fill(entry.resource) ?? ""))\(waiting)\(end)"
    }

    /// `61 connection readers wait for the unregister queue; 37 new connections wait for the register queue`
    private var behindSentence: String? {
        var parts: [String] = []
        var byResource: [String: [Wait]] = [:]
        for wait in behind { byResource[wait.resource.id, default: []].append(wait) }
        let isOneGateway = Set(behind.map(\.resourceGateway) + cycles.joined().map(\.resourceGateway)).count == 1
        for (_, waits) in byResource.sorted(by: { Self.total($0.value) > Self.total($1.value) }) {
            guard let first = waits.first else { continue }
            let place = isOneGateway ? "" : " of \(first.resourceGateway)"
            var counts: [String: Int] = [:]
            for wait in waits {
                counts[wait.actor.what] = (counts[wait.actor.what] ?? 0).addingSaturated(wait.actor.count)
            }
            let named = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let shown = named.prefix(Self.maxNamed).map { $0.value == 1 ? "the \($0.key)" : "\($0.value) \($0.key)" }
            let rest = named.dropFirst(Self.maxNamed).reduce(0) { $0.addingSaturated($1.value) }
            let who = (shown + (rest > 0 ? ["\(rest) others"] : [])).joined(separator: ", ")
            let verb = Self.total(waits) == 1 ? "waits" : "wait"
            parts.append("\(who) \(verb) for the \(first.resource.what)\(place)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    private static let maxNamed = 3

    private static func total(_ waits: [Wait]) -> Int { waits.reduce(0) { $0.addingSaturated($1.actor.count) } }

    private func name(_ actor: QueueReport.Actor, of gateway: String, home: String?) -> String {
        let place = gateway == home ? "" : " of \(gateway)"
        let tid = actor.tid.map { " (tid \($0))" } ?? ""
        return actor.count == 1 ? "the \(actor.what)\(place)\(tid)" : "\(actor.count) \(actor.what)\(place)"
    }

    /// ` since 4.2 s`
    private static func since(_ actor: QueueReport.Actor) -> String {
        guard let milliseconds = actor.waitingMs, milliseconds >= 0 else { return "" }
        return " since \(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    /// `1000 of 1000`
    static func fill(_ resource: QueueReport.Resource) -> String? {
        guard let capacity = resource.capacity else { return nil }
        return "\(resource.used.map(String.init) ?? "?") of \(capacity)"
    }

    static func isFull(_ resource: QueueReport.Resource) -> Bool {
        guard let capacity = resource.capacity, let used = resource.used else { return false }
        return used >= capacity
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
