extension GatewayStatus {
    /// Sums over the event loops; all 0 without a message service.
    private func sum(_ counter: KeyPath<MessageCallCounters, Int>) -> Int {
        messageCalls.reduce(0) { $0 + $1[keyPath: counter] }
    }

    var failedMessageCalls: Int { sum(\.failed.value) }

    /// Why the latest failed call did; empty: none has.
    var latestMessageCallFailure: String {
        messageCalls.lazy.map(\.latestFailure).first { !$0.isEmpty } ?? ""
    }

    func addMessageCalls(to text: inout PrometheusText) {
        guard !messageCalls.isEmpty else { return }
        func metric(_ name: String, _ kind: PrometheusText.Kind, _ value: Int, _ help: String) {
            text.metric("gatecrash_gateway_message_\(name)", kind, value, help)
        }
        metric("calls_in_flight", .gauge, sum(\.inFlight), "Messages that the message service has not answered yet.")
        metric("connections", .gauge, sum(\.connections.value), "Open connections to the message service.")
        metric("calls_total", .counter, sum(\.started.value), "Messages sent to the message service.")
        metric("calls_failed_total", .counter, sum(\.failed.value), "Messages that it could not be asked about.")
    }
}
