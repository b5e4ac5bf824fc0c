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

extension PhaseGauge {
    /// Joins the same phase of another shard at the same time: counts add up, the oldest account stays the oldest.
    package mutating func add(_ other: PhaseGauge) {
        count = count.addingSaturated(other.count)
        oldestMs = max(oldestMs, other.oldestMs)
        stalled = stalled.addingSaturated(other.stalled)
        passed = passed.addingSaturated(other.passed)
    }

    var isValid: Bool { [count, oldestMs, stalled, passed].allSatisfy(Interval.counts.contains) }
}
