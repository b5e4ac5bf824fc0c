internal import Synchronization

/// The message service's state as outsiders see it; readable by any thread at any time.
final class MessageServiceStatus: Sendable {
    let name: String
    let log: LogFile
    let connectionsAccepted = SharedCounter()
    let connectionsClosed = SharedCounter()
    /// accept(2) failed, mostly for want of descriptors.
    let acceptErrors = SharedCounter()
    let requests = SharedCounter()
    let requestsAnswered = SharedCounter()
    let requestsFailed = SharedCounter()
    /// Each asks for the machine's addresses.
    let addressLookups = SharedCounter()
    let addressLookupFailures = SharedCounter()
    let pushes = SharedCounter()
    let pushFailures = SharedCounter()
    /// Connections that pushes have reached, as the gateways say.
    let connectionsPushedTo = SharedCounter()
    /// Which of OpenIM's own metrics are shown; nil: none.
    let openIM: OpenIMVersion?
    /// 3.5.1: tokens given; 3.8.3: administrators' tokens given.
    let logins = SharedCounter()
    let registrations = SharedCounter()
    let singleChatMessages = SharedCounter()
    let singleChatFailures = SharedCounter()
    /// Pushed more than ten seconds after they were sent.
    let lateMessages = SharedCounter()
    private let draining = Atomic<Bool>(false)
    private let startTime = ProcessUsage.startTime()

    init(name: String, log: LogFile, openIM: OpenIMVersion? = nil) {
        self.name = name
        self.openIM = openIM
        self.log = log
    }

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func beginDraining() {
        draining.store(true, ordering: .releasing)
    }

    var connections: Int {
        // Closed first: a connection that comes and goes between the two reads must not count as -1.
        let closed = connectionsClosed.value
        return connectionsAccepted.value - closed
    }

    /// Requests that are being worked on.
    var requestsInFlight: Int {
        let done = requestsAnswered.value + requestsFailed.value
        return requests.value - done
    }

    /// The whole answer to a scrape.
    func metrics() -> String {
        var text = PrometheusText()
        text.addProcess(startTime: startTime)
        text.begin("gatecrash_messages_info", .gauge, "Always 1.")
        text.sample("gatecrash_messages_info", labels: [("service", name)], 1)
        func metric(_ name: String, _ kind: PrometheusText.Kind, _ value: Int, _ help: String) {
            text.metric("gatecrash_messages_\(name)", kind, value, help)
        }
        metric("connections", .gauge, connections, "Open connections of gateways.")
        metric("requests_in_flight", .gauge, requestsInFlight, "Requests that are being worked on.")
        metric("connections_accepted_total", .counter, connectionsAccepted.value, "Connections accepted.")
        metric("accept_errors_total", .counter, acceptErrors.value, "Failed accept calls.")
        metric("requests_total", .counter, requests.value, "Requests received.")
        metric("requests_failed_total", .counter, requestsFailed.value, "Requests that could not be answered.")
        metric("address_lookups_total", .counter, addressLookups.value, "Times the machine's addresses were asked for.")
        metric(
            "address_lookup_failures_total", .counter, addressLookupFailures.value,
            "Times that failed, mostly for want of descriptors.")
        metric("pushes_total", .counter, pushes.value, "Pushes sent to gateways.")
        metric("push_failures_total", .counter, pushFailures.value, "Pushes that could not be delivered.")
        if let openIM { addOpenIM(openIM, to: &text) }
        metric("log_lines_lost_total", .counter, log.linesLost, "Log lines that could not be written.")
        return text.text
    }
}
