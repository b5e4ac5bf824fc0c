internal import LoadMetrics

/// Asks whether a server that keeps accounts waiting, and yet serves them, has simply no CPU left.
struct OverloadWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private let stallAfterS: Double
    private let processors: Int
    private var seconds: [Second] = []
    private var slowSinceS: Double?
    private var lastSeenS = 0.0
    private var coresMax = 0.0
    private(set) var findings: [Finding] = []

    /// One second of our load, until its samples are there.
    private struct Second {
        var startS: Double
        var endS: Double
        var stalled: Double
        var slowestP99S: Double
        var passed: Double
    }

    private struct Busy {
        var name: String
        var cores: Double
        var isMachine: Bool
        var threads: Int?
    }

    init(stallAfterMs: Int, processors: Int, thresholds: DiagnosisThresholds) {
        stallAfterS = Double(stallAfterMs) / 1000
        self.processors = processors
        self.thresholds = thresholds
    }

    mutating func observe(_ group: IntervalGroup, isLate: Bool) {
        let p99Us = [Timing.handshake, .admission, .reply].map { group.timings[$0]?.percentileUs(99) ?? 0 }.max() ?? 0
        seconds.append(
            Second(
                startS: group.startS, endS: group.endS,
                stalled: isLate ? 0 : Phase.stallable.reduce(0) { $0 + Double(group[$1].stalled) },
                slowestP99S: isLate ? 0 : Double(p99Us) / 1e6,
                passed: Phase.stallable.reduce(0) { $0 + Double(group[$1].passed) }))
    }

    mutating func judge(horizonS: Double, isFrozen: Bool, _ histories: [Int: ServerHistory], _ load: LoadHistory) {
        while let second = seconds.first, second.endS <= horizonS {
            seconds.removeFirst()
            judge(second, isFrozen: isFrozen, histories, load)
        }
    }

    private mutating func judge(
        _ second: Second, isFrozen: Bool, _ histories: [Int: ServerHistory], _ load: LoadHistory
    ) {
        let isSlow = second.stalled > 0 || second.slowestP99S >= stallAfterS
        guard isSlow, second.passed > 0, !isFrozen, let busy = busy(second, histories, load) else {
            slowSinceS = nil
            if let last = findings.last, last.endedS == nil, second.endS - lastSeenS >= thresholds.reopenWithinS {
                findings[findings.count - 1].endedS = lastSeenS
            }
            return
        }
        slowSinceS = slowSinceS ?? second.startS
        lastSeenS = second.endS
        guard second.endS - (slowSinceS ?? second.endS) >= thresholds.overloadLastsS - 0.01 else { return }
        report(second, busy)
    }

    /// Who had no CPU left over the last seconds; nil when nobody is known to.
    private func busy(_ second: Second, _ histories: [Int: ServerHistory], _ load: LoadHistory) -> Busy? {
        let startS = second.endS - thresholds.overloadLastsS
        let active = histories.values.sorted { $0.number < $1.number }.compactMap { history in
            ServerActivity(history.samples(from: startS - 0.5, to: second.endS + 0.5)).flatMap { activity in
                activity.cores.map { (history: history, activity: activity, cores: $0) }
            }
        }
        guard let busiest = active.max(by: { $0.cores < $1.cores }) else { return nil }
        var busy = Busy(
            name: busiest.history.name, cores: busiest.cores, isMachine: false, threads: busiest.activity.last.threads)
        if busiest.cores >= thresholds.busyCores { return busy }
        guard processors > 0 else { return nil }
        let lengthS = busiest.activity.last.atS - busiest.activity.first.atS
        let ours =
            load.point(atS: second.endS).generatorCPUSeconds
            - load.point(atS: second.endS - lengthS).generatorCPUSeconds
        let sum = active.filter { $0.history.source?.kind != .url }.reduce(ours / lengthS) { $0 + $1.cores }
        guard sum >= thresholds.busyShareOfMachine * Double(processors) else { return nil }
        if ours / lengthS > busiest.cores { busy.name = "the generator" }
        busy.cores = sum
        busy.isMachine = true
        return busy
    }

    private mutating func report(_ second: Second, _ busy: Busy) {
        let isContinued =
            findings.last.map {
                $0.endedS.map { second.endS - $0 <= thresholds.reopenWithinS + thresholds.overloadLastsS } ?? true
            } ?? false
        let continues = isContinued || findings.count >= thresholds.episodesPerPhase
        coresMax = continues ? max(coresMax, busy.cores) : busy.cores
        var evidence = [
            "busiest": busy.name,
            "cpu_cores": busy.cores.hundredths,
            "cpu_cores_max": coresMax.hundredths,
            "accounts_stalled": String(second.stalled.count),
            "passes_per_s": String((second.passed / max(0.001, second.endS - second.startS)).count),
            "slowest_p99_ms": String((1000 * second.slowestP99S).count),
        ]
        evidence["threads"] = busy.threads.map(String.init)
        if processors > 0 { evidence["processors"] = String(processors) }
        if !busy.isMachine, processors > 0, busy.cores < thresholds.busyShareOfMachine * Double(processors) {
            evidence["against"] =
                "only \(busy.cores.hundredths) of \(processors) processors were used: one thread may be the bottleneck"
        }
        let who = busy.isMachine ? "the machine is full, most of it \(busy.name)" : "\(busy.name) is busy"
        let finding = Finding(
            kind: .overload, severity: .warning,
            onsetS: continues ? findings.last?.onsetS ?? second.endS : second.endS,
            summary: "accounts wait for more than \(stallAfterS.tenths) s though they are served in the end: "
                + "\(who) (\(busy.cores.hundredths) cores)",
            evidence: evidence)
        if continues, !findings.isEmpty {
            findings[findings.count - 1] = finding
        } else {
            findings.append(finding)
        }
    }
}
