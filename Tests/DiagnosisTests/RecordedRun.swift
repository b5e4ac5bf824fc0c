import LoadMetrics

/// A run second by second, as a test tells it.
struct RecordedRun {
    private(set) var groups: [IntervalGroup] = []

    /// One second of one shard.
    mutating func second(_ fill: (inout Interval) -> Void) throws {
        let number = groups.count
        var interval = Interval(shard: 0, sequence: number, startS: Double(number), endS: Double(number) + 1)
        fill(&interval)
        var group = IntervalGroup(second: number)
        try group.add(interval)
        groups.append(group)
    }

    mutating func seconds(_ count: Int, _ fill: (_ number: Int, inout Interval) -> Void) throws {
        for number in 0..<count { try second { fill(number, &$0) } }
    }
}

extension Interval {
    mutating func phase(_ phase: Phase, count: Int, oldestMs: Int = 0, stalled: Int = 0, passed: Int = 0) {
        var gauge = PhaseGauge()
        (gauge.count, gauge.oldestMs, gauge.stalled, gauge.passed) = (count, oldestMs, stalled, passed)
        phases[phase.name] = gauge
    }

    mutating func timing(_ timing: Timing, ms: [Int64]) {
        var histogram = TimingHistogram()
        for value in ms { histogram.record(ns: value * 1_000_000) }
        timings[timing.name] = Base64.encode(HistogramCodec.encode(histogram))
    }
}
