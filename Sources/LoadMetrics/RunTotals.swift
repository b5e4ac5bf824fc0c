/// Everything of a run added up: over shards, over seconds, and over runs that are merged.
///
/// Adding is associative and commutative with `RunTotals()` as the identity, so the order in which intervals arrive
/// or reports are merged never shows. It is not idempotent: an interval added twice counts twice.
package struct RunTotals: Equatable, Sendable {
    package private(set) var counters = Counters()
    package private(set) var outcomes: [String: Int] = [:]
    package private(set) var closeCodes: [String: Int] = [:]
    package private(set) var timings: [Timing: TimingHistogram] = [:]
    /// Where each shard's accounts stood when it last reported.
    package private(set) var lastOfShard: [Int: ShardEnd] = [:]
    /// Whole microseconds, because sums of fractions depend on their order.
    private var userCPUUs = 0
    private var systemCPUUs = 0
    package private(set) var busyRatioMax = 0.0
    package private(set) var scheduleLagMaxUs = 0
    private var rssKiBMaxOfShard: [Int: Int] = [:]
    private var descriptorsMaxOfShard: [Int: Int] = [:]
    private var refusalExamples = Examples<Refusal>()
    private var violationExamples = Examples<String>()

    /// A shard's state at its last interval.
    package struct ShardEnd: Equatable, Sendable {
        package var sequence: Int
        package var endS: Double
        package var phases: [Phase: PhaseGauge]
        /// The shard said that this is its last interval; false when it died.
        package var isLast: Bool
    }

    package init() {}

    /// Adds one interval.
    ///
    /// Nothing is changed when it is refused.
    package mutating func add(_ interval: Interval) throws(IntervalFault) {
        try interval.validate()
        timings = try timings.adding(encoded: interval.timings)
        counters.add(interval.counters)
        outcomes.add(interval.outcomes)
        closeCodes.add(interval.closeCodes)
        var phases: [Phase: PhaseGauge] = [:]
        for (name, gauge) in interval.phases {
            if let phase = Phase(name: name) { phases[phase] = gauge }
        }
        keepLater(
            ShardEnd(sequence: interval.sequence, endS: interval.endS, phases: phases, isLast: interval.isLast),
            ofShard: interval.shard)
        let sample = interval.generator
        userCPUUs = userCPUUs.addingSaturated(Int(sample.userCPUSeconds * 1e6))
        systemCPUUs = systemCPUUs.addingSaturated(Int(sample.systemCPUSeconds * 1e6))
        busyRatioMax = max(busyRatioMax, sample.busyRatio)
        scheduleLagMaxUs = max(scheduleLagMaxUs, sample.scheduleLagMaxUs)
        rssKiBMaxOfShard[interval.shard, default: 0].raise(to: sample.rssKiB)
        descriptorsMaxOfShard[interval.shard, default: 0].raise(to: sample.openDescriptors)
        refusalExamples.add(interval.refusals, shard: interval.shard, sequence: interval.sequence)
        violationExamples.add(interval.violations, shard: interval.shard, sequence: interval.sequence)
    }

    package mutating func merge(_ other: RunTotals) {
        counters.add(other.counters)
        outcomes.add(other.outcomes)
        closeCodes.add(other.closeCodes)
        timings.merge(other.timings)
        for (shard, end) in other.lastOfShard { keepLater(end, ofShard: shard) }
        userCPUUs = userCPUUs.addingSaturated(other.userCPUUs)
        systemCPUUs = systemCPUUs.addingSaturated(other.systemCPUUs)
        busyRatioMax = max(busyRatioMax, other.busyRatioMax)
        scheduleLagMaxUs = max(scheduleLagMaxUs, other.scheduleLagMaxUs)
        for (shard, rss) in other.rssKiBMaxOfShard { rssKiBMaxOfShard[shard, default: 0].raise(to: rss) }
        for (shard, count) in other.descriptorsMaxOfShard {
            descriptorsMaxOfShard[shard, default: 0].raise(to: count)
        }
        refusalExamples.merge(other.refusalExamples)
        violationExamples.merge(other.violationExamples)
    }

    private mutating func keepLater(_ end: ShardEnd, ofShard shard: Int) {
        guard let known = lastOfShard[shard], known.sequence >= end.sequence else {
            lastOfShard[shard] = end
            return
        }
    }
}

extension RunTotals {
    package var userCPUSeconds: Double { Double(userCPUUs) / 1e6 }
    package var systemCPUSeconds: Double { Double(systemCPUUs) / 1e6 }

    /// Largest resident size of each shard, added up, KiB.
    package var rssKiBMax: Int { rssKiBMaxOfShard.values.reduce(0) { $0.addingSaturated($1) } }

    /// Largest number of descriptors of each shard, added up.
    package var descriptorsMax: Int { descriptorsMaxOfShard.values.reduce(0) { $0.addingSaturated($1) } }

    /// Refused handshakes, the earliest ones.
    package var refusals: [Refusal] { refusalExamples.values }

    /// Protocol violations, the earliest ones.
    package var violations: [String] { violationExamples.values }

    /// Accounts by phase over all shards, each where it stood at its shard's last interval.
    package var phasesAtEnd: [Phase: PhaseGauge] {
        var sum: [Phase: PhaseGauge] = [:]
        for end in lastOfShard.values {
            for (phase, gauge) in end.phases { sum[phase, default: PhaseGauge()].add(gauge) }
        }
        return sum
    }

    /// Iterations begun and neither ended nor cut.
    package var iterationsInFlight: Int {
        counters.iterationsStarted - counters.iterationsCompleted - counters.iterationsFailed
            - counters.iterationsInterrupted
    }

    /// Ended iterations whose outcome is a failure, over all outcomes.
    package var failedOutcomes: Int {
        outcomes.reduce(0) { $0.addingSaturated(Outcome.isFailure(slug: $1.key) ? $1.value : 0) }
    }

    package var ledger: Ledger { Ledger(counters: counters, phasesAtEnd: phasesAtEnd) }
}

extension Int {
    fileprivate mutating func raise(to other: Int) { self = Swift.max(self, other) }
}
