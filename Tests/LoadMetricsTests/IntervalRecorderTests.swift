import LoadMetrics
import Testing

@Suite struct IntervalRecorderTests {
    @Test func countsOutcomesWithAndWithoutCodes() {
        let recorder = IntervalRecorder()
        for _ in 0..<3 { recorder.count(Outcome(.ok)) }
        recorder.count(Outcome(.receiveTimeout))
        recorder.count(Outcome(.handshakeRejected, code: 404))
        recorder.count(Outcome(.handshakeRejected, code: 404))
        recorder.count(Outcome(.handshakeRejected, code: 503))
        let interval = recorder.makeInterval(shard: 1, sequence: 2, startS: 2, endS: 3)
        #expect(interval.shard == 1 && interval.sequence == 2 && interval.startS == 2 && interval.endS == 3)
        #expect(
            interval.outcomes == [
                "ok": 3, "receive_timeout": 1, "handshake_rejected:404": 2, "handshake_rejected:503": 1,
            ])
    }

    @Test func countsClosesByCodeAndInitiator() {
        let recorder = IntervalRecorder()
        recorder.countClose(code: 1000, byPeer: false)
        recorder.countClose(code: 1000, byPeer: true)
        recorder.countClose(code: 1000, byPeer: true)
        recorder.countClose(code: 1001, byPeer: true)
        recorder.countClose(code: 1005, byPeer: false)
        let interval = recorder.makeInterval(shard: 0, sequence: 0, startS: 0, endS: 1)
        #expect(interval.closeCodes == ["by_us:1000": 1, "by_peer:1000": 2, "by_peer:1001": 1, "by_us:1005": 1])
    }

    @Test func aPeerCannotMakeTheReportGrowAsItLikes() {
        let recorder = IntervalRecorder()
        for code in UInt16(3000)..<4500 {
            recorder.countClose(code: code, byPeer: true)
            recorder.count(Outcome(.closedByPeer, code: code))
        }
        let interval = recorder.makeInterval(shard: 0, sequence: 0, startS: 0, endS: 1)
        #expect(interval.closeCodes.count <= 258 && interval.outcomes.count <= 258)
        #expect(interval.closeCodes.values.reduce(0, +) == 1500)
        #expect(interval.outcomes.values.reduce(0, +) == 1500)
    }

    @Test func recordsWhatTheHistogramWould() throws {
        var random = SeededRandom(4)
        let recorder = IntervalRecorder()
        for sequence in 0..<3 {
            var expected = TimingHistogram()
            for _ in 0..<2000 {
                let ns = Int64.random(in: 0...Int64(1) << Int64.random(in: 1...39, using: &random), using: &random)
                recorder.record(.handshake, ns: ns)
                expected.record(ns: ns)
            }
            let interval = recorder.makeInterval(shard: 0, sequence: sequence, startS: 0, endS: 1)
            #expect(Array(interval.timings.keys) == ["handshake"])
            #expect(
                interval.timings["handshake"] == Base64.encode(HistogramCodec.encode(expected)),
                "seed \(SeededRandom.seed)")
        }
    }

    @Test func outOfRangeIsClampedAndCounted() throws {
        let recorder = IntervalRecorder()
        recorder.record(.close, ns: .max)
        recorder.record(.close, ns: -5)
        recorder.record(.close, ns: 0)
        let interval = recorder.makeInterval(shard: 0, sequence: 0, startS: 0, endS: 1)
        #expect(interval.counters.timingsOutOfRange == 2)
        var histogram = TimingHistogram()
        try HistogramCodec.decode(base64: #require(interval.timings["close"]), into: &histogram)
        #expect(histogram.count == 3)
        #expect(histogram.maxUs >= 600_000_000 && histogram.minUs == 1)
    }

    @Test func anIntervalStartsTheNextOneEmpty() {
        let recorder = IntervalRecorder()
        recorder.counters.pointee.asked += 7
        recorder.record(.connect, ns: 1)
        recorder.count(Outcome(.ok))
        recorder.count(Outcome(.closedByPeer, code: 1001))
        recorder.countClose(code: 1000, byPeer: true)
        recorder.countClose(code: 1001, byPeer: true)
        let first = recorder.makeInterval(shard: 0, sequence: 0, startS: 0, endS: 1)
        #expect(first.counters.asked == 7)
        #expect(
            recorder.makeInterval(shard: 0, sequence: 1, startS: 1, endS: 2)
                == Interval(shard: 0, sequence: 1, startS: 1, endS: 2))
    }

    @Test func slugsAreSnakeCaseAndDifferent() {
        let slugs = Outcome.Kind.allCases.map(\.slug)
        #expect(Set(slugs).count == slugs.count)
        #expect(slugs.contains("handshake_timeout") && slugs.contains("ok") && slugs.contains("closed_by_peer"))
        #expect(slugs.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
    }

    @Test func namesReadBack() {
        for phase in Phase.allCases { #expect(Phase(name: phase.name) == phase) }
        for timing in Timing.allCases { #expect(Timing(name: timing.name) == timing) }
        #expect(Phase(name: "dreaming") == nil && Timing(name: "replyService") == nil)
    }
}
