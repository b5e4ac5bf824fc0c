import LoadMetrics
import Testing

@Suite struct RunTotalsTests {
    private func totals(_ intervals: some Sequence<Interval>) throws -> RunTotals {
        var totals = RunTotals()
        for interval in intervals { try totals.add(interval) }
        return totals
    }

    @Test func orderDoesNotShow() throws {
        var random = SeededRandom(5)
        var run = RandomRun(shards: 3, seconds: 8, random: random)
        let intervals = run.intervals()
        let expected = try totals(intervals)
        for _ in 0..<10 {
            #expect(try totals(intervals.shuffled(using: &random)) == expected, "seed \(SeededRandom.seed)")
        }
    }

    @Test func mergingIsAssociativeCommutativeAndHasAnIdentity() throws {
        var run = RandomRun(shards: 3, seconds: 6, random: SeededRandom(6))
        let intervals = run.intervals()
        let (a, b, c) = (try totals(intervals[..<5]), try totals(intervals[5..<11]), try totals(intervals[11...]))
        func merged(_ left: RunTotals, _ right: RunTotals) -> RunTotals {
            var sum = left
            sum.merge(right)
            return sum
        }
        #expect(merged(merged(a, b), c) == merged(a, merged(b, c)))
        #expect(merged(a, b) == merged(b, a))
        #expect(merged(a, RunTotals()) == a && merged(RunTotals(), a) == a)
        #expect(merged(merged(a, b), c) == (try totals(intervals)))
    }

    @Test func totalsAreSums() throws {
        var run = RandomRun(shards: 2, seconds: 20, random: SeededRandom(7))
        let intervals = run.intervals()
        let totals = try totals(intervals)
        #expect(totals.counters.asked == intervals.reduce(0) { $0 + $1.counters.asked })
        #expect(totals.counters.lost == intervals.reduce(0) { $0 + $1.counters.lost })
        #expect(
            totals.outcomes["handshake_timeout"] == intervals.reduce(0) { $0 + ($1.outcomes["handshake_timeout"] ?? 0) }
        )
        for timing in Timing.allCases {
            let encoded = intervals.filter { $0.timings[timing.name] != nil }.count
            #expect(totals.timings[timing]?.count ?? 0 == encoded)
        }
        #expect(totals.refusals.count <= 20 && totals.violations.count <= 20)
        #expect(
            totals.violations.first
                == intervals.sorted { $0.sequence < $1.sequence }.first { !$0.violations.isEmpty }?.violations[0])
    }

    @Test func theLedgerOfASoundRunBalances() throws {
        for stream in 0..<20 {
            var run = RandomRun(shards: 3, seconds: 10, random: SeededRandom(100 + UInt64(stream)))
            let ledger = try totals(run.intervals()).ledger
            #expect(ledger.balances, "seed \(SeededRandom.seed), stream \(stream): \(ledger)")
        }
    }

    @Test func aLostConnectionShows() throws {
        var run = RandomRun(shards: 1, seconds: 5, random: SeededRandom(8))
        var intervals = run.intervals()
        intervals[2].counters.asked += 2
        intervals[3].counters.opened += 1
        let ledger = try totals(intervals).ledger
        #expect(!ledger.balances)
        #expect(ledger.askedDifference == 1 && ledger.openedDifference == 1)
    }

    @Test func aDeadShardCountsAsItStood() throws {
        var run = RandomRun(shards: 2, seconds: 10, random: SeededRandom(9))
        // Shard 1 dies after its fourth second.
        let intervals = run.intervals().filter { $0.shard == 0 || $0.sequence < 4 }
        let totals = try totals(intervals)
        #expect(totals.ledger.balances)
        #expect(totals.lastOfShard[0]?.isLast == true && totals.lastOfShard[1]?.isLast == false)
        #expect(totals.lastOfShard[1]?.sequence == 3)
    }

    @Test func everyCounterIsMerged() throws {
        // A field that the merge forgets would stay at what one interval said.
        let json = "{" + Self.counterNames.map { "\"\($0)\":3" }.joined(separator: ",") + "}"
        let three = try decode(json)
        var sum = three
        sum.add(three)
        let six = try decode(json.replacing("3", with: "6"))
        #expect(sum == six)
    }

    private static let counterNames = Mirror(reflecting: Counters()).children.compactMap(\.label)

    private func decode(_ json: String) throws -> Counters { try JSONText.decode(Counters.self, json) }
}
