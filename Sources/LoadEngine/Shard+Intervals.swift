internal import LoadMetrics
internal import LoadPlan
internal import Reactor

/// Once a second: what happened, and where every account stands now.
extension Shard {
    /// Length of an interval.
    static let intervalNs: Int64 = 1_000_000_000

    var nextIntervalNs: Int64 { intervalStartNs &+ Self.intervalNs }

    mutating func emitInterval(endNs: Int64, isLast: Bool) {
        let now = loop.refreshNow()
        // A loop that was stopped for seconds makes one long interval, not several empty ones.
        let boundaryNs = isLast ? endNs : max(endNs, now - (now - endNs) % Self.intervalNs)
        var interval = recorder.makeInterval(
            shard: assignment.shard, sequence: sequence, startS: seconds(intervalStartNs), endS: seconds(boundaryNs))
        interval.phases = phaseGauges(now)
        interval.generator = usage.sample(
            loop: loop, intervalNs: boundaryNs - intervalStartNs, scheduleLagMaxNs: scheduleLagMaxNs)
        interval.refusals = examples.takeRefusals()
        interval.violations = examples.takeViolations()
        interval.isLast = isLast
        output.write(interval)
        sequence += 1
        intervalStartNs = boundaryNs
        scheduleLagMaxNs = 0
    }

    private func seconds(_ ns: Int64) -> Double {
        Double(ns - assignment.startNs) / 1e9
    }

    private func phaseGauges(_ now: Int64) -> [String: PhaseGauge] {
        var gauges = [PhaseGauge](repeating: PhaseGauge(), count: Phase.allCases.count)
        let stallNs = assignment.plan.stallAfter.nanoseconds
        for index in 0..<accountCount where accounts[index].activity != .finished {
            let phase = Int(accounts[index].phase.rawValue)
            let ageNs = max(now - accounts[index].phaseSinceNs, 0)
            gauges[phase].count += 1
            gauges[phase].oldestMs = max(gauges[phase].oldestMs, Int(ageNs / 1_000_000))
            if ageNs >= stallNs { gauges[phase].stalled += 1 }
        }
        let open = Int(Phase.open.rawValue)
        abandoned.forEach {
            gauges[open].count += 1
            gauges[open].oldestMs = max(gauges[open].oldestMs, Int(max(now - $0.sinceNs, 0) / 1_000_000))
        }
        var named: [String: PhaseGauge] = [:]
        for phase in Phase.allCases {
            gauges[Int(phase.rawValue)].passed = passed[Int(phase.rawValue)]
            passed[Int(phase.rawValue)] = 0
            if gauges[Int(phase.rawValue)] != PhaseGauge() { named[phase.name] = gauges[Int(phase.rawValue)] }
        }
        return named
    }
}
