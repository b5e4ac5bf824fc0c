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
        #expect(groups.map(\.second) == [0])
        #expect(groups[0].counters.asked == 2)
        #expect(groups[0][.open].count == 20 && groups[0][.open].oldestMs == 200)
        #expect(try grouping.add(interval(1, 1)).map(\.second) == [1])
    }

    @Test func aFinishedShardIsNotWaitedFor() throws {
        var grouping = IntervalGrouping(shards: 2)
        _ = try grouping.add(interval(0, 0, isLast: true))
        #expect(try grouping.add(interval(1, 0)).map(\.second) == [0])
        #expect(try grouping.add(interval(1, 1)).map(\.second) == [1])
    }

    @Test func aDeadShardIsNotWaitedFor() throws {
        var grouping = IntervalGrouping(shards: 2)
        _ = try grouping.add(interval(0, 0))
        _ = try grouping.add(interval(0, 1))
        let freed = grouping.shardEnded(1)
        #expect(freed.map(\.second) == [0, 1])
        #expect(try grouping.add(interval(0, 2)).map(\.second) == [2])
    }

    @Test func aLaggingShardHoldsNothingUpForLong() throws {
        var grouping = IntervalGrouping(shards: 2)
        var groups: [IntervalGroup] = []
        for sequence in 0...6 { groups += try grouping.add(interval(0, sequence)) }
        #expect(groups.map(\.second) == [0, 1])
        #expect(try grouping.add(interval(1, 0)).map(\.shards) == [[1]])
        let (rest, nothing) = (grouping.flush(), grouping.flush())
        #expect(rest.map(\.second) == [2, 3, 4, 5, 6])
        #expect(nothing.isEmpty)
    }

    @Test func aShardThatWasStoppedStaysInStep() throws {
        var grouping = IntervalGrouping(shards: 2)
        var groups: [IntervalGroup] = []
        // Shard 1 sleeps from 1 s to 4 s and then goes on with its next number.
        var long = interval(1, 1)
        long.endS = 4
        var after = interval(1, 2)
        (after.startS, after.endS) = (4, 5)
        for interval in [interval(1, 0), long, after] { groups += try grouping.add(interval) }
        for second in 0..<5 { groups += try grouping.add(interval(0, second)) }
        #expect(groups.map(\.second) == [0, 1, 2, 3, 4])
        #expect(groups.map(\.shards) == [[0, 1], [0], [0], [0, 1], [0, 1]])
    }

    @Test func aShortLastIntervalJoinsItsSecond() throws {
        var group = IntervalGroup(second: 3)
        var first = interval(0, 3)
        first.endS = 3.5
        first.phases["open"]?.passed = 2
        var last = interval(0, 4, isLast: true)
        (last.startS, last.endS) = (3.5, 4)
        last.phases["open"]?.count = 1
        last.phases["open"]?.passed = 3
        for order in [[first, last], [last, first]] {
            group = IntervalGroup(second: 3)
            for interval in order { try group.add(interval) }
            #expect(group.counters.asked == 2)
            #expect(group[.open].count == 1 && group[.open].passed == 5)
        }
    }

    @Test(arguments: [(0.0, 0), (0.4, 0), (1.0, 0), (1.0004, 0), (1.2, 1), (2, 1), (1e300, 3_999_999_999), (-1e300, 0)])
    func anIntervalBelongsToTheSecondItEndsIn(endS: Double, second: Int) {
        #expect(Interval(shard: 0, sequence: 0, startS: 0, endS: endS).second == second)
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
