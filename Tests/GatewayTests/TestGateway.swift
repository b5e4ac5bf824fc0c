import Testing

@testable import Gateway

/// Runs `body` against a gateway on free loopback ports and shuts it down afterwards.
func withGateway(
    _ change: (inout GatewayConfiguration) -> Void = { _ in }, _ body: (Gateway) async throws -> Void
) async throws {
    var configuration = GatewayConfiguration()
    configuration.logFile = "/dev/null"
    configuration.shutdownGrace = .milliseconds(200)
    change(&configuration)
    let gateway = try await Gateway.start(configuration)
    do {
        try await body(gateway)
    } catch {
        await gateway.shutdown()
        throw error
    }
    await gateway.shutdown()
}

/// Waits until the condition holds; fails with the gateway's metrics at the deadline.
func eventually(
    _ what: Comment, of gateway: Gateway, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(RawClient.timeoutSeconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            let state = gateway.status.metrics().split(separator: "\n").filter { !$0.hasPrefix("#") }
            Issue.record(
                "never: \(what)\n\(state.joined(separator: "\n"))", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Waits until no trace of any connection is left.
func expectEmpty(_ gateway: Gateway, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let status = gateway.status
    let counters = status.registryCounters
    try await eventually("empty", of: gateway, sourceLocation: sourceLocation) {
        let settled = counters.unregistered.value + counters.replaced.value + counters.abandoned.value
        return status.connections == 0 && counters.sessions.value == 0 && counters.accounts.value == 0
            && status.queues.registerGauge.depth == 0 && status.queues.unregisterGauge.depth == 0
            && settled == status.sum(\.handshakes)
    }
}

/// Waits until a hub has nothing more to do.
///
/// A session whose end has overtaken its registration stays registered, until the next login of its account.
func expectSettled(_ gateway: Gateway, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let status = gateway.status
    let counters = status.registryCounters
    try await eventually("settled", of: gateway, sourceLocation: sourceLocation) {
        let gauges = [status.queues.registerGauge, status.queues.unregisterGauge]
        return status.connections == 0 && gauges.allSatisfy { $0.depth + $0.waitingCount == 0 }
            && counters.registered.value == status.sum(\.handshakes)
            && counters.registered.value
                == counters.sessions.value + counters.unregistered.value + counters.replaced.value
    }
}

/// The number of a metric in Prometheus text.
func metric(_ name: String, in text: String) -> Double? {
    for line in text.split(separator: "\n") where line.hasPrefix("\(name) ") {
        return Double(line.dropFirst(name.utf8.count + 1))
    }
    return nil
}
