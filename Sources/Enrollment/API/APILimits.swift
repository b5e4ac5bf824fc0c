/// How patient calls of the API are.
package struct APILimits: Sendable {
    /// Connections at once, each with one request under way.
    package var connections: Int
    /// From the request to its complete answer.
    package var timeout: Duration
    /// Of one call, the first included.
    package var attempts: Int
    /// Before the second attempt; doubles with each, and a random part of it is added.
    package var backOff: Duration
    package var maxBackOff: Duration
    package var maxAnswerBytes: Int

    package init(
        connections: Int = 16, timeout: Duration = .seconds(10), attempts: Int = 5,
        backOff: Duration = .milliseconds(200), maxBackOff: Duration = .seconds(3),
        maxAnswerBytes: Int = 8 * 1024 * 1024
    ) {
        self.connections = connections
        self.timeout = timeout
        self.attempts = attempts
        self.backOff = backOff
        self.maxBackOff = maxBackOff
        self.maxAnswerBytes = maxAnswerBytes
    }

    /// How long to wait after `failures` of a call, 1 or more.
    func pause(afterFailures failures: Int, random: Double) -> Duration {
        let doubled = backOff * (1 << min(failures - 1, 16))
        return min(doubled, maxBackOff) * (1 + random / 2)
    }
}
