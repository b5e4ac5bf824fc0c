/// Watches the resident memory of one source for growth that does not end.
struct MemoryWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var agreeing = 0
    private var lastSeenS = 0.0
    private(set) var findings: [Finding] = []

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    mutating func judge(_ series: TrendSeries, name: String) {
        guard let last = series.recent.last else { return }
        for stretch in series.stretches(lastingS: thresholds.memoryLastsS) {
            let points = stretch.filter { $0.residentKiB != nil }
            let leastKiB = thresholds.memoryGrowthMiB * 1024
            guard let before = points.first?.residentKiB, let now = points.last?.residentKiB,
                now - before >= leastKiB / 2
            else { continue }
            let x = points.map(\.atS)
            let trend = Trend(x: x, y: points.map { $0.residentKiB ?? 0 }, thresholds: thresholds) { from in
                max(leastKiB, thresholds.memoryGrowthShare * from)
            }
            guard let trend, let first = points.first,
                !points.loadRises(thresholds)
            else { continue }
            agreeing += 1
            lastSeenS = last.atS
            if agreeing >= thresholds.trendConfirmations || isOpen {
                report(trend, sinceS: first.atS, atS: last.atS, points: points, name: name)
            }
            return
        }
        agreeing = 0
        guard isOpen, last.atS - lastSeenS >= thresholds.memoryLastsS else { return }
        findings[findings.count - 1].endedS = lastSeenS
    }

    mutating func processEnded(atS: Double) {
        agreeing = 0
        if isOpen { findings[findings.count - 1].endedS = atS }
    }

    private var isOpen: Bool { findings.last.map { $0.endedS == nil } ?? false }

    private mutating func report(_ trend: Trend, sinceS: Double, atS: Double, points: [TrendPoint], name: String) {
        let mebibytesPerS = trend.slope / 1024
        var evidence = [
            "source": name,
            "rss_mib": ((points.last?.residentKiB ?? 0) / 1024).tenths,
            "rss_mib_before": (trend.from / 1024).tenths,
            "growth_mib_per_s": mebibytesPerS.digits,
            "growth_from_s": sinceS.tenths,
            "growth_percent": (100 * trend.growth / max(1, trend.from)).tenths,
        ]
        if let start = points.first?.load, let end = points.last?.load, end.messages - start.messages >= 100 {
            let mebibytes = trend.growth / 1024
            evidence["growth_mib_per_1000_messages"] = (1000 * mebibytes / (end.messages - start.messages)).digits
        }
        evidence["against"] =
            "resident memory also grows by caches and by heaps that are not yet collected; only a longer run tells"
        let finding = Finding(
            kind: .memoryGrowth, severity: .warning, onsetS: atS,
            summary: "the memory of \(name) grows while the load is level: \((trend.from / 1024).tenths) → "
                + "\(((points.last?.residentKiB ?? 0) / 1024).tenths) MiB, by \(mebibytesPerS.rate)",
            evidence: evidence)
        let isContinued =
            findings.last.map { $0.endedS.map { atS - $0 <= 4 * thresholds.memoryLastsS } ?? true } ?? false
        if isContinued || findings.count >= thresholds.episodesPerPhase {
            let onsetS = findings[findings.count - 1].onsetS
            findings[findings.count - 1] = finding
            findings[findings.count - 1].onsetS = onsetS
        } else {
            findings.append(finding)
        }
    }
}

extension [TrendPoint] {
    /// Accounts, connections or messages per second rose over these points: memory may follow.
    fileprivate func loadRises(_ thresholds: DiagnosisThresholds) -> Bool {
        let connected = last?.load?.connected ?? last?.established ?? 0
        return loadExplains(growth: Swift.max(10, connected), countsPort: true, thresholds: thresholds)
    }
}
