/// How long a client stays offline after a failed iteration: longer after each further one without a good one between.
package struct BackOff: Codable, Equatable, Sendable {
    package var first: Duration
    /// Reached by doubling.
    package var last: Duration
    /// After the last the first follows again, as in OpenIM's SDK; otherwise it stays at the last.
    package var cycles: Bool
    /// Each is drawn from its upper half.
    package var jitter: Bool

    package init(
        first: Duration = .milliseconds(100), last: Duration = .seconds(5), cycles: Bool = false, jitter: Bool = true
    ) {
        self.first = first
        self.last = last
        self.cycles = cycles
        self.jitter = jitter
    }

    /// Of OpenIM's SDK (openim-sdk-core 3.5.1 and 3.8.3): 1, 2, 4, 8, 16 s, again and again.
    package static let openIMSDK = BackOff(first: .seconds(1), last: .seconds(16), cycles: true, jitter: false)
}
