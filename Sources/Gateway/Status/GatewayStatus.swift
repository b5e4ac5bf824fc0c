internal import Glibc
internal import Synchronization

/// The gateway's state as outsiders see it; readable by any thread at any time.
final class GatewayStatus: Sendable {
    let name: String
    let loops: [LoopCounters]
    let registryCounters: RegistryCounters
    let queues: QueueGauges
    private let registry: any SessionRegistry
    let log: LogFile
    /// Of each event loop; empty without a message service.
    let messageCalls: [MessageCallCounters]
    /// accept(2) failed, mostly for want of descriptors.
    let acceptErrors = SingleWriterCounter()
    private let draining = Atomic<Bool>(false)
    private let startTime = ProcessUsage.startTime()

    init(
        name: String, loops: [LoopCounters], registry: any SessionRegistry, log: LogFile,
        messageCalls: [MessageCallCounters] = []
    ) {
        self.name = name
        self.loops = loops
        self.registryCounters = registry.counters
        self.queues = registry.gauges
        self.registry = registry
        self.log = log
        self.messageCalls = messageCalls
    }

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func beginDraining() {
        draining.store(true, ordering: .releasing)
    }

    /// TCP connections that are open on the gateway's port.
    var connections: Int {
        // Closed first: a connection that comes and goes between the two reads must not count as -1.
        let closed = sum(\.connectionsClosed)
        return sum(\.connectionsAccepted) - closed
    }

    func sum(_ counter: KeyPath<LoopCounters, SingleWriterCounter>) -> Int {
        loops.reduce(0) { $0 + $1[keyPath: counter].value }
    }

    func closes() -> [LoopCounters.CloseLabel: Int] {
        var totals: [LoopCounters.CloseLabel: Int] = [:]
        for loop in loops {
            loop.addCloses(to: &totals)
        }
        return totals
    }

    /// Who waits for what inside the gateway, as JSON.
    func queuesDocument() -> String {
        registry.waits().json(processID: getpid())
    }

    /// The whole answer to a scrape.
    func metrics() -> String {
        var text = PrometheusText()
        text.addProcess(startTime: startTime)
        addGauges(to: &text)
        addCounters(to: &text)
        addMessageCalls(to: &text)
        return text.text
    }
}

// MARK: Metrics

extension GatewayStatus {
    private func addGauges(to text: inout PrometheusText) {
        text.begin("gatecrash_gateway_info", .gauge, "Always 1.")
        text.sample("gatecrash_gateway_info", labels: [("gateway", name)], 1)
        text.metric("gatecrash_gateway_draining", .gauge, isDraining ? 1 : 0, "1 while the gateway shuts down.")
        text.metric("gatecrash_gateway_connections", .gauge, connections, "Open TCP connections.")
        let accounts = registryCounters.accounts.value
        text.metric("gatecrash_gateway_registrations", .gauge, accounts, "Accounts online.")
        text.metric("online_user_num", .gauge, registry.online.gauge, "Users online, however often each.")
        text.metric(
            "gatecrash_gateway_sessions", .gauge, registryCounters.sessions.value,
            "Registered sessions; more than accounts when several logins of one account may stay.")
        text.metric(
            "gatecrash_gateway_blocked_connections", .gauge, sum(\.blockedConnections),
            "OpenIM connections whose socket does not take what is written.")
        text.metric("gatecrash_gateway_queue_capacity", .gauge, queues.capacity, "Places in each queue.")
        add(queues.registerGauge, "register", to: &text)
        add(queues.unregisterGauge, "unregister", to: &text)
        text.metric(
            "gatecrash_gateway_kick_queue_depth", .gauge, queues.kickGauge.depth, "Login checks in the kick queue.")
        text.metric(
            "gatecrash_gateway_kick_queue_waiting", .gauge, queues.kickGauge.waitingCount,
            "Login checks that wait for a place in the kick queue.")
    }

    private func add(_ gauge: QueueGauge, _ queue: String, to text: inout PrometheusText) {
        let name = "gatecrash_gateway_\(queue)_queue"
        text.metric("\(name)_depth", .gauge, gauge.depth, "Sessions in the \(queue) queue.")
        text.metric("\(name)_depth_max", .gauge, gauge.highestDepth, "Greatest depth of the \(queue) queue so far.")
        text.metric(
            "\(name)_waiting", .gauge, gauge.waitingCount, "Sessions that wait for a place in the \(queue) queue.")
    }

    private func addCounters(to text: inout PrometheusText) {
        func counter(_ name: String, _ value: Int, _ help: String) {
            text.metric("gatecrash_gateway_\(name)_total", .counter, value, help)
        }
        let registry = registryCounters
        counter("connections_accepted", sum(\.connectionsAccepted), "TCP connections accepted.")
        counter("accept_errors", acceptErrors.value, "Failed accept calls.")
        counter("handshakes", sum(\.handshakes), "Upgrades to WebSocket.")
        counter("handshakes_refused", sum(\.handshakesRefused), "Requests refused with another status than 101.")
        counter("handshake_timeouts", sum(\.handshakeTimeouts), "Connections closed for want of a request.")
        counter("registered", registry.registered.value, "Sessions registered.")
        counter("unregistered", registry.unregistered.value, "Sessions deregistered.")
        counter("replaced", registry.replaced.value, "Sessions that gave way to a newer login.")
        counter("kicked", registry.kicked.value, "Replaced sessions that were still open.")
        counter(
            "registrations_abandoned", registry.abandoned.value,
            "Sessions whose connection had ended before they were registered.")
        counter("messages_received", sum(\.messagesReceived), "Messages received.")
        counter("messages_sent", sum(\.messagesSent), "Messages sent.")
        counter("received_bytes", sum(\.bytesReceived), "Payload of the messages received.")
        counter("sent_bytes", sum(\.bytesSent), "Payload of the messages sent.")
        counter("pings_received", sum(\.pingsReceived), "PING frames received.")
        counter("log_lines_lost", log.linesLost, "Log lines that could not be written.")
        let name = "gatecrash_gateway_closes_total"
        text.begin(name, .counter, "Sessions ended, by close code (1006: none seen) and by who sent it first.")
        let closes = closes().sorted {
            ($0.key.code, $0.key.initiator.rawValue) < ($1.key.code, $1.key.initiator.rawValue)
        }
        for (label, count) in closes {
            let code = label.code == 0 ? "other" : "\(label.code)"
            text.sample(name, labels: [("code", code), ("initiator", label.initiator.rawValue)], count)
        }
    }
}
