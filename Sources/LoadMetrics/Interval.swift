/// What happened since the run began or within one interval; all fields add up when merged.
package struct Counters: Codable, Equatable, Sendable {
    // iterations: started = completed + failed + interrupted + in flight
    package var iterationsStarted = 0
    package var iterationsCompleted = 0
    package var iterationsFailed = 0
    package var iterationsInterrupted = 0
    package var iterationsDropped = 0
    // connections: asked = opened + refused + failed + timedOut + in flight
    package var asked = 0
    package var opened = 0
    package var refused = 0
    package var failed = 0
    package var timedOut = 0
    // opened = closedClean + closedByPeer + lost + still open
    /// We began the closing handshake and the peer answered it.
    package var closedClean = 0
    /// The peer began the closing handshake.
    package var closedByPeer = 0
    /// Ended without a closing handshake, whoever ended it (reset, FIN, abort step, timeout).
    package var lost = 0
    package var messagesSent = 0
    package var messagesReceived = 0
    /// Received messages that no `receive` step took.
    package var messagesUnclaimed = 0
    package var bytesSent = 0
    package var bytesReceived = 0
    /// Histogram values beyond the trackable range; they are recorded at its end.
    package var timingsOutOfRange = 0

    package init() {}
}

/// Accounts in one phase at the end of an interval.
package struct PhaseGauge: Codable, Equatable, Sendable {
    package var count = 0
    /// Age of the account longest in the phase, milliseconds; 0 when there is none.
    package var oldestMs = 0
    /// Accounts in the phase for at least the profile's `stall.after`.
    package var stalled = 0
    /// Accounts that left the phase towards success during the interval (0 with `stalled` > 0 means the gate is shut).
    package var passed = 0

    package init() {}
}

/// The generator's own state over one interval; the base of the verdict *invalid*.
package struct GeneratorSample: Codable, Equatable, Sendable {
    /// Share of the interval that the loop did not sleep, 0…1.
    package var busyRatio = 0.0
    package var userCPUSeconds = 0.0
    package var systemCPUSeconds = 0.0
    package var rssKiB = 0
    package var openDescriptors = 0
    /// Largest delay of a timer behind its due time, microseconds.
    package var scheduleLagMaxUs = 0

    package init() {}
}

/// A refused opening handshake, kept as an example: what the server said instead of 101.
package struct Refusal: Codable, Equatable, Sendable {
    package var status: Int
    package var reason: String
    /// At most 4 KiB of the body, undecodable bytes replaced.
    package var body: String

    package init(status: Int, reason: String, body: String) {
        self.status = status
        self.reason = reason
        self.body = body
    }
}

/// What one shard did between two interval boundaries, and where its accounts stand at the second one.
package struct Interval: Codable, Equatable, Sendable {
    package var shard: Int
    package var sequence: Int
    /// Boundaries in seconds since the run's start.
    package var startS: Double
    package var endS: Double
    package var counters = Counters()
    /// Ended iterations by `Outcome.slug`.
    package var outcomes: [String: Int] = [:]
    /// Close codes by `by_us:1000`, `by_peer:1001`.
    package var closeCodes: [String: Int] = [:]
    /// `Timing.name` → HdrHistogram V2 encoding, base64, not compressed; absent when nothing was recorded.
    package var timings: [String: String] = [:]
    /// `Phase.name` → accounts there now; absent when none.
    package var phases: [String: PhaseGauge] = [:]
    package var generator = GeneratorSample()
    /// New examples of refused handshakes and protocol violations, a few per run and shard.
    package var refusals: [Refusal] = []
    package var violations: [String] = []
    /// The shard's last interval: what it counts as open or in flight was so when the run ended.
    package var isLast = false

    package init(shard: Int, sequence: Int, startS: Double, endS: Double) {
        self.shard = shard
        self.sequence = sequence
        self.startS = startS
        self.endS = endS
    }
}
