import LoadMetrics
import Testing

@Suite struct IntervalTests {
    private let sound = Interval(shard: 0, sequence: 0, startS: 0, endS: 1)

    private func fault(_ change: (inout Interval) -> Void) -> IntervalFault? {
        var interval = sound
        change(&interval)
        do throws(IntervalFault) {
            var totals = RunTotals()
            try totals.add(interval)
            return nil
        } catch { return error }
    }

    @Test func impossibleIntervalsAreRefused() {
        #expect(fault { _ in } == nil)
        #expect(fault { $0.shard = -1 } == .shardOutOfRange(-1))
        #expect(fault { $0.sequence = .max } == .sequenceOutOfRange(.max))
        #expect(fault { $0.endS = -1 } == .timesOutOfRange)
        #expect(
            fault {
                $0.startS = 1e300; $0.endS = 1e301
            } == .timesOutOfRange)
        #expect(fault { $0.counters.bytesSent = -1 } == .countOutOfRange)
        #expect(fault { $0.counters.asked = .max } == .countOutOfRange)
        #expect(fault { $0.outcomes["ok"] = -1 } == .countOutOfRange)
        #expect(fault { $0.phases["open", default: PhaseGauge()].oldestMs = -1 } == .countOutOfRange)
        #expect(fault { $0.generator.busyRatio = 1e9 } == .generatorOutOfRange)
        #expect(fault { $0.phases["dreaming"] = PhaseGauge() } == .unknownPhase("dreaming"))
        #expect(fault { $0.timings["dream"] = "" } == .unknownTiming("dream"))
        #expect(fault { $0.timings["reply"] = "!" } == .histogram(timing: "reply", .notBase64))
        #expect(fault { $0.timings["reply"] = "AAAA" } == .histogram(timing: "reply", .truncated))
    }

    @Test func aRefusedIntervalChangesNothing() throws {
        var totals = RunTotals()
        try totals.add(sound)
        let before = totals
        var bad = sound
        bad.counters.asked = 5
        bad.timings = ["reply": "AAAA"]
        #expect(throws: IntervalFault.self) { try totals.add(bad) }
        #expect(totals == before)
    }

    @Test func survivesJSON() throws {
        var run = RandomRun(shards: 2, seconds: 3, random: SeededRandom(10))
        for interval in run.intervals() { #expect(try JSONText.roundTrip(interval) == interval) }
    }
}
