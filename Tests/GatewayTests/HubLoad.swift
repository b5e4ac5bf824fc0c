import Testing

@testable import Gateway

/// Load on the registry of a gateway: logins, logins over logins, ends.
struct HubLoad {
    let gateway: Gateway
    var prefix = "user"
    private(set) var clients: [RawClient] = []

    init(_ gateway: Gateway, prefix: String = "user") {
        self.gateway = gateway
        self.prefix = prefix
    }

    /// Logs accounts in, without waiting for their admission; the clients that they had before stay open.
    mutating func logIn(_ accounts: Range<Int>) async throws -> [RawClient] {
        var opened: [RawClient] = []
        for number in accounts {
            let client = try RawClient(port: gateway.port)
            try await client.send(RawClient.upgradeRequest("\(prefix)-\(number)"))
            opened.append(client)
        }
        clients += opened
        return opened
    }

    /// Closes all connections, without a closing handshake.
    mutating func closeAll() {
        clients.forEach { $0.close() }
        clients = []
    }

    mutating func closeFirst(_ count: Int) {
        clients.prefix(count).forEach { $0.close() }
        clients.removeFirst(min(count, clients.count))
    }
}

extension WaitReport {
    /// Identifiers of the actors that wait for each other in a circle, from the least on; nil: there is no circle.
    static func cycle(in reports: [WaitReport]) -> [String]? {
        let actors = Dictionary(
            reports.flatMap(\.actors).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let resources = Dictionary(
            reports.flatMap(\.resources).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for start in actors.keys.sorted() {
            var path = [start]
            while let next = actors[path[path.count - 1]]?.waitsFor.flatMap({ resources[$0]?.freedBy.first }) {
                if next == start { return path }
                if path.contains(next) { break }
                path.append(next)
            }
        }
        return nil
    }

    func actor(_ part: String) -> Actor? { actors.first { $0.id == id(part) } }
    func resource(_ part: String) -> Resource? { resources.first { $0.id == id(part) } }
}

/// Repeats `load` until gateways wait for each other in a circle, and still do a while later.
///
/// - Returns: the actors of the circle.
func provoke(
    _ gateways: [Gateway], sourceLocation: SourceLocation = #_sourceLocation, _ load: () async throws -> Void
) async throws -> [String] {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        try await load()
        // What moves is no circle.
        guard let cycle = WaitReport.cycle(in: gateways.map { $0.registry.waits() }) else { continue }
        try await Task.sleep(for: .milliseconds(300))
        if WaitReport.cycle(in: gateways.map { $0.registry.waits() }) == cycle {
            return cycle
        }
    }
    let state = gateways.map { $0.status.queuesDocument() }.joined()
    Issue.record("never frozen\n\(state)", sourceLocation: sourceLocation)
    return []
}

extension Gateway {
    /// Waits until all queues are empty, or never will be.
    ///
    /// - Returns: whether they are.
    func settles() async throws -> Bool {
        let gauges = [status.queues.registerGauge, status.queues.unregisterGauge]
        var isFrozen = false
        try await eventually("settled", of: self) {
            isFrozen = WaitReport.cycle(in: [registry.waits()]) != nil
            return isFrozen || gauges.allSatisfy { $0.depth + $0.waitingCount == 0 }
        }
        return !isFrozen
    }

    /// Registrations that have been asked for so far, but for the one at hand.
    var registrationsAsked: Int {
        let counters = status.registryCounters
        let gauge = status.queues.registerGauge
        return counters.registered.value + gauge.depth + gauge.waitingCount
    }
}
