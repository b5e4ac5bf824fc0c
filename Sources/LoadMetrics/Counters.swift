/// What happened since the run began or within one interval; all fields add up when merged.
package struct Counters: Codable, Equatable, Sendable {
    // iterations: started = completed + failed + interrupted + in flight
    package var iterationsStarted = 0
    package var iterationsCompleted = 0
    package var iterationsFailed = 0
    /// Ended before their steps were over, and by no fault: cut at the run's end, or by a kick that the profile expects.
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

extension Counters {
    /// Every field, in one table, so that merging and checking cannot forget one.
    static let fields: [any WritableKeyPath<Counters, Int> & Sendable] = [
        \.iterationsStarted, \.iterationsCompleted, \.iterationsFailed, \.iterationsInterrupted, \.iterationsDropped,
        \.asked, \.opened, \.refused, \.failed, \.timedOut,
        \.closedClean, \.closedByPeer, \.lost,
        \.messagesSent, \.messagesReceived, \.messagesUnclaimed, \.bytesSent, \.bytesReceived,
        \.timingsOutOfRange,
    ]

    /// Adds field by field.
    ///
    /// Sums stay at `Int.max` rather than overflow, because a journal read from disk may hold any number.
    package mutating func add(_ other: Counters) {
        for field in Self.fields {
            self[keyPath: field] = self[keyPath: field].addingSaturated(other[keyPath: field])
        }
    }

    var isValid: Bool { Self.fields.allSatisfy { Interval.counts.contains(self[keyPath: $0]) } }
}

extension Int {
    /// The sum of two counts, `Int.max` when it does not fit.
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
