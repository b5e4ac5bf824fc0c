internal import LoadMetrics

/// Asks whether the generator itself was the bottleneck; if so, the run says nothing about the server.
///
/// Lateness and exhaustion convict, busyness alone does not. In the closed model accounts that churn flat out keep the
/// loop busy all the time by nature: the next iteration starts the moment the last has ended, so a ratio near 1 only
/// says that the server answers faster than we ask. Times are distorted only when the loop is *late*: then answers
/// wait in the kernel until we look. The lateness of timers measures just that, because timers and answers wait in the
/// same loop. So a busy loop is a warning (throughput is ours, not the server's), a late loop is critical.
struct GeneratorWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var busy: Run?
    private var late: Run?
    private var busyFinding: Finding?
    private var lateFinding: Finding?
    private var limitFinding: Finding?
    private var ownLimits: [String: Int] = [:]

    /// An unbroken row of intervals over a threshold.
    private struct Run {
        var startS: Double
        var sum = 0.0
        var lengthS = 0.0
        var worst = 0.0
    }

    /// Outcomes that mean that this machine, not the server, had no more to give.
    private static let ownLimitSlugs = [Outcome.Kind.noLocalPort, .noDescriptors, .noBuffers].map(\.slug)

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    /// Timers were late in the latest second: ages of waiting accounts may be ours.
    var isLate: Bool { late != nil }

    /// They have been for so long that nothing seen meanwhile speaks against the server.
    var isConvicted: Bool { late.map { $0.lengthS >= thresholds.generatorLastsS - 0.01 } ?? false }

    var findings: [Finding] { [busyFinding, lateFinding, limitFinding].compactMap(\.self) }

    mutating func observe(_ group: IntervalGroup) {
        watchOwnLimits(group)
        guard group.lengthS >= thresholds.shortestSampleS else { return }
        watchLag(group)
        watchBusy(group)
    }

    private mutating func watchLag(_ group: IntervalGroup) {
        let lagUs = group.generator.scheduleLagMaxUs
        guard lagUs > thresholds.scheduleLagUs else {
            if late != nil { lateFinding?.end(atS: group.startS) }
            late = nil
            return
        }
        var run = late ?? Run(startS: group.startS)
        run.lengthS += group.lengthS
        run.worst = max(run.worst, Double(lagUs))
        late = run
        guard run.lengthS >= thresholds.generatorLastsS - 0.01 else { return }
        let worstMs = max(Int(run.worst) / 1000, Int(lateFinding?.evidence["schedule_lag_ms_max"] ?? "") ?? 0)
        lateFinding = Finding(
            kind: .generatorLimited, severity: .critical, onsetS: lateFinding?.onsetS ?? run.startS,
            summary:
                "the generator's own timers fired up to \(worstMs) ms late: measured times are ours, not the server's",
            evidence: [
                "schedule_lag_ms_max": String(worstMs),
                "schedule_lag_ms_allowed": String(thresholds.scheduleLagUs / 1000),
                "busy_ratio": group.generator.busyRatio.hundredths,
                "advice": "use more shards (--shards), fewer accounts, or a machine with more free cores",
            ])
    }

    private mutating func watchBusy(_ group: IntervalGroup) {
        var run = busy ?? Run(startS: group.startS)
        run.lengthS += group.lengthS
        run.sum += group.generator.busyRatio * group.lengthS
        run.worst = max(run.worst, group.generator.busyRatio)
        guard run.sum / run.lengthS > thresholds.busyRatio else {
            if busy != nil { busyFinding?.end(atS: group.startS) }
            busy = nil
            return
        }
        busy = run
        guard run.lengthS >= thresholds.generatorLastsS - 0.01 else { return }
        busyFinding = Finding(
            kind: .generatorLimited, severity: .warning, onsetS: busyFinding?.onsetS ?? run.startS,
            summary:
                "a generator loop was busy all the time: the rate reached is the generator's limit, not the server's",
            evidence: [
                "busy_ratio_mean": (run.sum / run.lengthS).hundredths,
                "busy_ratio_allowed": thresholds.busyRatio.hundredths,
                "schedule_lag_ms": String(group.generator.scheduleLagMaxUs / 1000),
                "advice": "timers were on time, so measured times stand; for more load use more shards (--shards)",
            ])
    }

    private mutating func watchOwnLimits(_ group: IntervalGroup) {
        var inGroup = 0
        for slug in Self.ownLimitSlugs {
            guard let count = group.outcomes[slug] else { continue }
            ownLimits[slug, default: 0] += count
            inGroup += count
        }
        guard inGroup > 0 else { return }
        let isCritical =
            limitFinding?.severity == .critical
            || Double(inGroup) > thresholds.ownLimitShare * Double(group.counters.asked)
        var evidence = ownLimits.mapValues(String.init)
        evidence["advice"] = "run `gatecrash doctor` to see this machine's limits and how to lift them"
        let names = ownLimits.keys.sorted().map { "\($0) ×\(ownLimits[$0] ?? 0)" }.joined(separator: ", ")
        limitFinding = Finding(
            kind: .generatorLimited, severity: isCritical ? .critical : .warning,
            onsetS: limitFinding?.onsetS ?? group.startS,
            summary: "this machine, not the server, refused connections: \(names)", evidence: evidence)
    }
}

extension Finding {
    /// Notes when it was no longer seen; the first time counts.
    fileprivate mutating func end(atS: Double) {
        if endedS == nil { endedS = atS }
    }
}

extension Double {
    /// With two decimals, for evidence.
    var hundredths: String {
        let hundredths = Int((Swift.min(Swift.max(self, 0), 1e15) * 100).rounded())
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100)." + (fraction.count == 1 ? "0" : "") + fraction
    }
}
