import LoadMetrics
import Testing

@Suite struct IntervalGroupingTests {
    private func interval(_ shard: Int, _ sequence: Int, isLast: Bool = false) -> Interval {
        var interval = Interval(shard: shard, sequence: sequence, startS: Double(sequence), endS: Double(sequence) + 1)
        interval.counters.asked = 1
        interval.phases["open", default: PhaseGauge()].count = 10
        interval.phases["open"]?.oldestMs = 100 * (shard + 1)
        interval.isLast = isLast
        return interval
    }

    @Test func aSecondIsCompleteWhenEveryShardHasReported() throws {
        var grouping = IntervalGrouping(shards: 2)
        #expect(try grouping.add(interval(0, 0)).isEmpty)
        #expect(try grouping.add(interval(0, 1)).isEmpty)
        let groups = try grouping.add(interval(1, 0))
        #expect(groups.map(\.sequence) == [0])
        #expect(groups[0].counters.asked == 2)
        #expect(groups[0][.open].count == 20 && groups[0][.open].oldestMs == 200)
        #expect(try grouping.add(interval(1, 1)).map(\.sequence) == [1])
    }

    @Test func aFinishedShardIsNotWaitedFor() throws {
        var grouping = IntervalGrouping(shards: 2)
        _ = try grouping.add(interval(0, 0, isLast: true))
        #expect(try grouping.add(interval(1, 0)).map(\.sequence) == [0])
        #expect(try grouping.add(interval(1, 1)).map(\.sequence) == [1])
    }

    @Test func aDeadShardIsNotWaitedFor() throws {
        var grouping = IntervalGrouping(shards: 2)
        _ = try grouping.add(interval(0, 0))
        _ = try grouping.add(interval(0, 1))
        let freed = grouping.shardEnded(1)
        #expect(freed.map(\.sequence) == [0, 1])
        #expect(try grouping.add(interval(0, 2)).map(\.sequence) == [2])
    }

    @Test func aLaggingShardHoldsNothingUpForLong() throws {
        var grouping = IntervalGrouping(shards: 2)
        var groups: [IntervalGroup] = []
        for sequence in 0...6 { groups += try grouping.add(interval(0, sequence)) }
        #expect(groups.map(\.sequence) == [0, 1])
        #expect(try grouping.add(interval(1, 0)).map(\.shards) == [[1]])
        let (rest, nothing) = (grouping.flush(), grouping.flush())
        #expect(rest.map(\.sequence) == [2, 3, 4, 5, 6])
        #expect(nothing.isEmpty)
    }

    @Test func groupsAddUpToTheTotals() throws {
        var random = SeededRandom(11)
        var run = RandomRun(shards: 4, seconds: 12, random: random)
        let intervals = run.intervals().shuffled(using: &random)
        var (grouping, totals) = (IntervalGrouping(shards: 4), RunTotals())
        var counters = Counters()
        var replies = TimingHistogram()
        for interval in intervals {
            try totals.add(interval)
            for group in try grouping.add(interval) {
                counters.add(group.counters)
                if let histogram = group.timings[.reply] { replies.merge(histogram) }
            }
        }
        for group in grouping.flush() {
            counters.add(group.counters)
            if let histogram = group.timings[.reply] { replies.merge(histogram) }
        }
        #expect(counters == totals.counters, "seed \(SeededRandom.seed)")
        #expect(replies == totals.timings[.reply] ?? TimingHistogram())
    }
}
