internal import LoadMetrics

/// Feeds the points of one source to the rules about its growth.
///
/// Only points in which growth means something: after the warm-up of the process, and while accounts get through, for
/// what stuck accounts leave behind is the freeze's doing.
struct TrendWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var series: TrendSeries
    private var leak: LeakWatch
    private var memory: MemoryWatch
    private var judgedToS = -Double.infinity
    private var previous: ServerSample?
    private var warmSinceS: Double?

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
        series = TrendSeries(thresholds: thresholds)
        leak = LeakWatch(thresholds: thresholds)
        memory = MemoryWatch(thresholds: thresholds)
    }

    var findings: [Finding] { leak.findings + memory.findings }

    /// Judges the stretch that ends at `horizonS`.
    ///
    /// - Parameters:
    ///   - heldUpSinceS: since when nobody gets through; nil when accounts do.
    ///   - isFrozen: the freeze has a finding of its own.
    mutating func judge(
        horizonS: Double, heldUpSinceS: Double?, isFrozen: Bool, _ history: ServerHistory, _ load: LoadHistory
    ) {
        guard horizonS > judgedToS else { return }
        let samples = history.samples(from: judgedToS.nextUp, to: horizonS)
        judgedToS = horizonS
        var hasGrown = false
        for sample in samples {
            if let previous, previous.isOtherProcess(than: sample) { beginAnew(atS: sample.atS) }
            if isFrozen { warmSinceS = nil }
            previous = sample
            if let heldUpSinceS, sample.atS > heldUpSinceS { continue }
            if isFrozen || sample.atS < 0 { continue }
            if warmSinceS == nil {
                warmSinceS = sample.atS + thresholds.warmUpS
                series.removeAll()
            }
            guard let warmSinceS, sample.atS >= warmSinceS else { continue }
            let point = load.isEmpty ? nil : load.point(atS: sample.atS)
            series.append(TrendPoint(sample, of: history, load: point))
            hasGrown = true
        }
        guard hasGrown else { return }
        leak.judge(series, name: history.name)
        memory.judge(series, name: history.name)
    }

    private mutating func beginAnew(atS: Double) {
        warmSinceS = nil
        series.removeAll()
        leak.processEnded(atS: atS)
        memory.processEnded(atS: atS)
    }
}

extension ServerSample {
    /// Whether a later sample is of another process: behind a metrics address its CPU time begins again.
    func isOtherProcess(than later: ServerSample) -> Bool {
        if let pid, let next = later.pid { return pid != next }
        guard let cpuSeconds, let next = later.cpuSeconds else { return false }
        return next < cpuSeconds
    }
}
