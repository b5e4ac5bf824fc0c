import LoadMetrics

/// Intervals of a run that never was, but could have been: the ledger of each shard balances at every moment.
struct RandomRun {
    var shards: Int
    var seconds: Int
    var random: SeededRandom

    mutating func intervals() -> [Interval] {
        var intervals: [Interval] = []
        for shard in 0..<shards {
            let recorder = IntervalRecorder()
            var (inFlight, stillOpen) = (0, 0)
            for second in 0..<seconds {
                for _ in 0..<Int.random(in: 0...30, using: &random) {
                    step(recorder, &inFlight, &stillOpen)
                }
                for timing in Timing.allCases where Bool.random(using: &random) {
                    recorder.record(timing, ns: Int64.random(in: 0...3_000_000_000, using: &random))
                }
                var interval = recorder.makeInterval(
                    shard: shard, sequence: second, startS: Double(second), endS: Double(second) + 1)
                var gauge = PhaseGauge()
                gauge.count = inFlight
                gauge.oldestMs = inFlight > 0 ? Int.random(in: 0...9000, using: &random) : 0
                interval.phases["handshaking"] = gauge
                gauge.count = stillOpen
                interval.phases["receiving"] = gauge
                interval.generator.userCPUSeconds = Double.random(in: 0...1, using: &random)
                interval.generator.busyRatio = Double.random(in: 0...1, using: &random)
                interval.generator.rssKiB = Int.random(in: 1...9999, using: &random)
                if Int.random(in: 0...3, using: &random) == 0 {
                    interval.refusals = [Refusal(status: 500 + shard, reason: "no", body: "\(second)")]
                    interval.violations = ["shard \(shard) second \(second)"]
                }
                interval.isLast = second == seconds - 1
                intervals.append(interval)
            }
        }
        return intervals
    }

    /// One event in the life of some connection.
    private mutating func step(_ recorder: IntervalRecorder, _ inFlight: inout Int, _ stillOpen: inout Int) {
        let counters = recorder.counters
        switch Int.random(in: 0...9, using: &random) {
        case 0...3:
            counters.pointee.asked += 1
            inFlight += 1
        case 4...6 where inFlight > 0:
            inFlight -= 1
            stillOpen += 1
            counters.pointee.opened += 1
        case 7 where inFlight > 0:
            inFlight -= 1
            switch Int.random(in: 0...2, using: &random) {
            case 0: counters.pointee.refused += 1
            case 1: counters.pointee.failed += 1
            default: counters.pointee.timedOut += 1
            }
            recorder.count(Outcome(.handshakeTimeout))
        case 8... where stillOpen > 0:
            stillOpen -= 1
            switch Int.random(in: 0...2, using: &random) {
            case 0: counters.pointee.closedClean += 1
            case 1: counters.pointee.closedByPeer += 1
            default: counters.pointee.lost += 1
            }
            recorder.countClose(code: 1000, byPeer: Bool.random(using: &random))
        default: break
        }
    }
}
