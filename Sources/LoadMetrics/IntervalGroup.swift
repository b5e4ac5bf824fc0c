/// One second of the whole run: the shards' intervals that end in it, joined.
package struct IntervalGroup: Sendable {
    /// The second's number, from 0; it ends `second` + 1 seconds after the run's start.
    package let second: Int
    /// Seconds since the run's start: of the earliest start and the latest end.
    package private(set) var startS = Double.infinity
    package private(set) var endS = 0.0
    package private(set) var counters = Counters()
    /// Ended iterations by `Outcome.slug`.
    package private(set) var outcomes: [String: Int] = [:]
    package private(set) var closeCodes: [String: Int] = [:]
    package private(set) var timings: [Timing: TimingHistogram] = [:]
    /// Accounts by phase at the second's end.
    package private(set) var phases: [Phase: PhaseGauge] = [:]
    package private(set) var generator = GeneratorSample()

    /// What cannot be added up when a shard ends two intervals within the second, as it does when its last one is
    /// short.
    private var latestOfShard: [Int: Interval] = [:]

    /// An empty second, to `add` to.
    package init(second: Int) {
        self.second = second
    }

    package var lengthS: Double { max(0, endS - startS) }

    /// Shards that ended an interval in this second.
    package var shards: Set<Int> { Set(latestOfShard.keys) }

    package subscript(phase: Phase) -> PhaseGauge { phases[phase] ?? PhaseGauge() }

    /// Joins one shard's interval.
    ///
    /// Nothing is changed when it is refused.
    package mutating func add(_ interval: Interval) throws(IntervalFault) {
        try interval.validate()
        timings = try timings.adding(encoded: interval.timings)
        startS = min(startS, interval.startS)
        endS = max(endS, interval.endS)
        counters.add(interval.counters)
        outcomes.add(interval.outcomes)
        closeCodes.add(interval.closeCodes)
        keepLatest(interval)
        phases = [:]
        generator = GeneratorSample()
        for latest in latestOfShard.values {
            generator.add(latest.generator)
            for (name, gauge) in latest.phases {
                if let phase = Phase(name: name) { phases[phase, default: PhaseGauge()].add(gauge) }
            }
        }
    }

    private mutating func keepLatest(_ interval: Interval) {
        var latest = interval
        latest.timings = [:]
        if let other = latestOfShard[interval.shard] {
            let earlier = other.sequence < interval.sequence ? other : interval
            if other.sequence >= interval.sequence {
                latest = other
            }
            for (name, gauge) in earlier.phases {
                // Who has passed did so in this second; who stood there no longer matters.
                latest.phases[name, default: PhaseGauge()].passed += gauge.passed
            }
            latest.generator.continueFrom(earlier.generator)
        }
        latestOfShard[interval.shard] = latest
    }
}

extension GeneratorSample {
    /// Makes this sample stand for an earlier one of the same shard too.
    fileprivate mutating func continueFrom(_ earlier: GeneratorSample) {
        busyRatio = max(busyRatio, earlier.busyRatio)
        userCPUSeconds += earlier.userCPUSeconds
        systemCPUSeconds += earlier.systemCPUSeconds
        scheduleLagMaxUs = max(scheduleLagMaxUs, earlier.scheduleLagMaxUs)
    }
}

extension Interval {
    /// The number of the second in which the interval ends; one that ends on the boundary belongs to the second before
    /// it.
    package var second: Int {
        endS > 1 ? Int((min(endS, Self.timeLimitS) - 0.001).rounded(.up)) - 1 : 0
    }
}

extension [String: Int] {
    /// Adds counts under equal keys.
    mutating func add(_ other: [String: Int]) {
        for (key, count) in other { self[key] = self[key, default: 0].addingSaturated(count) }
    }
}

extension [Timing: TimingHistogram] {
    /// The histograms with those of an interval added.
    ///
    /// Names that are no timing are the validation's business.
    func adding(encoded: [String: String]) throws(IntervalFault) -> Self {
        var sum = self
        for (name, text) in encoded {
            guard let timing = Timing(name: name) else { throw .unknownTiming(name) }
            do throws(HistogramCodec.Fault) {
                try HistogramCodec.decode(base64: text, into: &sum[timing, default: TimingHistogram()])
            } catch {
                throw .histogram(timing: name, error)
            }
        }
        return sum
    }

    mutating func merge(_ other: Self) {
        for (timing, histogram) in other { self[timing, default: TimingHistogram()].merge(histogram) }
    }
}
