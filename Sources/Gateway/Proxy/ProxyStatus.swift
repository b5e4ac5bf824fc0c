internal import Synchronization

/// What one event loop of the proxy has done; written by its thread alone, read by anyone.
final class ProxyLoopCounters: Sendable {
    let connectionsAccepted = SingleWriterCounter()
    let connectionsClosed = SingleWriterCounter()
    let handshakes = SingleWriterCounter()
    let handshakesRefused = SingleWriterCounter()
    let handshakeTimeouts = SingleWriterCounter()
    let upstreamsDialled = SingleWriterCounter()
    let upstreamsConnected = SingleWriterCounter()
    /// Refused, reset or too slow before the upgrade.
    let upstreamsFailed = SingleWriterCounter()
    let upstreamsClosed = SingleWriterCounter()
    let framesToUpstream = SingleWriterCounter()
    let framesToClients = SingleWriterCounter()
    /// Connections ended with RST since the other side's had ended.
    let resets = SingleWriterCounter()
}

/// The proxy's state as outsiders see it; readable by any thread at any time.
final class ProxyStatus: Sendable {
    let name: String
    let log: LogFile
    let loops: [ProxyLoopCounters]
    let acceptErrors = SingleWriterCounter()
    private let draining = Atomic<Bool>(false)
    private let startTime = ProcessUsage.startTime()

    init(name: String, log: LogFile, loops: [ProxyLoopCounters]) {
        self.name = name
        self.log = log
        self.loops = loops
    }

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func beginDraining() {
        draining.store(true, ordering: .releasing)
    }

    func sum(_ counter: KeyPath<ProxyLoopCounters, SingleWriterCounter>) -> Int {
        loops.reduce(0) { $0 + $1[keyPath: counter].value }
    }

    /// Clients' connections that are open.
    var connections: Int {
        // Closed first: a connection that comes and goes between the two reads must not count as -1.
        let closed = sum(\.connectionsClosed)
        return sum(\.connectionsAccepted) - closed
    }

    /// Connections to gateways that are open and upgraded.
    var upstreamConnections: Int {
        let closed = sum(\.upstreamsClosed)
        return sum(\.upstreamsConnected) - closed
    }

    /// The whole answer to a scrape.
    func metrics() -> String {
        var text = PrometheusText()
        text.addProcess(startTime: startTime)
        text.begin("gatecrash_proxy_info", .gauge, "Always 1.")
        text.sample("gatecrash_proxy_info", labels: [("proxy", name)], 1)
        text.metric("gatecrash_proxy_connections", .gauge, connections, "Open connections of clients.")
        text.metric(
            "gatecrash_proxy_upstream_connections", .gauge, upstreamConnections, "Open connections to gateways.")
        func counter(_ name: String, _ value: Int, _ help: String) {
            text.metric("gatecrash_proxy_\(name)_total", .counter, value, help)
        }
        counter("connections_accepted", sum(\.connectionsAccepted), "TCP connections accepted.")
        counter("accept_errors", acceptErrors.value, "Failed accept calls.")
        counter("handshakes", sum(\.handshakes), "Upgrades of clients to WebSocket.")
        counter("handshakes_refused", sum(\.handshakesRefused), "Requests refused with another status than 101.")
        counter("handshake_timeouts", sum(\.handshakeTimeouts), "Connections closed for want of a request.")
        counter("upstream_dials", sum(\.upstreamsDialled), "Attempts to connect to a gateway.")
        counter("upstream_failures", sum(\.upstreamsFailed), "Attempts that were refused, reset or too slow.")
        counter("frames_to_upstream", sum(\.framesToUpstream), "Frames relayed from clients to gateways.")
        counter("frames_to_clients", sum(\.framesToClients), "Frames relayed from gateways to clients.")
        counter("resets", sum(\.resets), "Connections reset since the other side's had ended.")
        counter("log_lines_lost", log.linesLost, "Log lines that could not be written.")
        return text.text
    }
}
