/// One second of the whole run: the intervals that the shards wrote under the same sequence number, joined.
///
/// Shards share the run's start and the interval's length, so their k-th intervals cover the same time but for the
/// lateness of their loops.
package struct IntervalGroup: Sendable {
    package let sequence: Int
    /// Seconds since the run's start: of the earliest start and the latest end.
    package private(set) var startS: Double
    package private(set) var endS: Double
    /// Shards joined so far.
    package private(set) var shards: Set<Int>
    package private(set) var counters = Counters()
    /// Ended iterations by `Outcome.slug`.
    package private(set) var outcomes: [String: Int] = [:]
    package private(set) var closeCodes: [String: Int] = [:]
    package private(set) var phases: [Phase: PhaseGauge] = [:]
    package private(set) var timings: [Timing: TimingHistogram] = [:]
    package private(set) var generator = GeneratorSample()
    /// Some shard's accounts were cut short of a whole interval: its last one.
    package private(set) var holdsLast = false

    /// An empty second, to `add` to.
    package init(sequence: Int) {
        self.sequence = sequence
        startS = .infinity
        endS = 0
        shards = []
    }

    package var lengthS: Double { max(0, endS - startS) }

    package subscript(phase: Phase) -> PhaseGauge { phases[phase] ?? PhaseGauge() }

    /// Joins one shard's interval. Nothing is changed when it is refused.
    package mutating func add(_ interval: Interval) throws(IntervalFault) {
        try interval.validate()
        timings = try timings.adding(encoded: interval.timings)
        startS = min(startS, interval.startS)
        endS = max(endS, interval.endS)
        shards.insert(interval.shard)
        counters.add(interval.counters)
        outcomes.add(interval.outcomes)
        closeCodes.add(interval.closeCodes)
        for (name, gauge) in interval.phases {
            guard let phase = Phase(name: name) else { continue }
            phases[phase, default: PhaseGauge()].add(gauge)
        }
        generator.add(interval.generator)
        holdsLast = holdsLast || interval.isLast
    }
}

extension [String: Int] {
    /// Adds counts under equal keys.
    mutating func add(_ other: [String: Int]) {
        for (key, count) in other { self[key] = self[key, default: 0].addingSaturated(count) }
    }
}

extension [Timing: TimingHistogram] {
    /// The histograms with those of an interval added. Names that are no timing are the validation's business.
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
