/// Watches the descriptors of one source for a kind that grows without end.
///
/// | state | judgement | next |
/// |---|---|---|
/// | quiet | a kind grows steadily, confirmed | growing: a critical finding begins |
/// | growing | it grows still | growing: slope and time left are renewed |
/// | growing | it rests, below the limit | quiet: ended; once it has rested under load as long as it grew, a warning |
struct LeakWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var agreeing = 0
    private var agreedKind = ""
    private var lastSeenS = 0.0
    private var growing: Growth?
    private(set) var findings: [Finding] = []

    /// A kind that grows, over the longest stretch in which it does so steadily.
    private struct Growth {
        var kind: String
        var trend: Trend
        var points: [TrendPoint]
        var alsoGrowing: [String]
    }

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    mutating func judge(_ series: TrendSeries, name: String) {
        guard let last = series.recent.last, !last.unexplained.isEmpty else { return }
        if let growth = fastest(series) {
            agreeing = growth.kind == agreedKind ? agreeing + 1 : 1
            agreedKind = growth.kind
            lastSeenS = last.atS
            if agreeing >= thresholds.trendConfirmations || isOpen { report(growth, last, name: name) }
            return
        }
        agreeing = 0
        if !findings.isEmpty { rest(series, last) }
    }

    mutating func processEnded(atS: Double) {
        agreeing = 0
        growing = nil
        if isOpen { findings[findings.count - 1].endedS = atS }
    }

    private var isOpen: Bool { findings.last.map { $0.endedS == nil } ?? false }

    private func fastest(_ series: TrendSeries) -> Growth? {
        var found: [String: Growth] = [:]
        for stretch in series.stretches(lastingS: thresholds.trendWindowS) {
            let points = stretch.filter { !$0.unexplained.isEmpty }
            guard let first = points.first, let last = points.last else { continue }
            for (kind, value) in last.unexplained where found[kind] == nil {
                // Most kinds never grow; the full judgement is for those that did.
                guard value - (first.unexplained[kind] ?? 0) >= thresholds.leakGrowth / 2,
                    let trend = growthTrend(points, kind: kind),
                    isNew(trend, series.range(kind, beforeS: first.atS)),
                    !points.loadExplains(growth: trend.growth, countsPort: true, thresholds: thresholds)
                else { continue }
                found[kind] = Growth(kind: kind, trend: trend, points: points, alsoGrowing: [])
            }
        }
        let ordered = found.values.sorted {
            ($1.trend.slope, $0.kind) < ($0.trend.slope, $1.kind)
        }
        guard var fastest = ordered.first else { return nil }
        fastest.alsoGrowing = ordered.dropFirst().prefix(2).map { "\($0.kind) \($0.trend.slope.digits)/s" }
        return fastest
    }

    private func growthTrend(_ points: [TrendPoint], kind: String) -> Trend? {
        Trend(x: points.map(\.atS), y: points.map { $0.unexplained[kind] ?? 0 }, thresholds: thresholds) { from in
            thresholds.leakGrowth + thresholds.leakGrowthPerRoot * max(0, from).squareRoot()
        }
    }

    /// What was as high before and came back is no leak, nor what always goes up and down as far as that.
    private func isNew(_ trend: Trend, _ before: ClosedRange<Double>?) -> Bool {
        guard let before else { return true }
        return trend.to > before.upperBound
            && trend.growth >= thresholds.leakGrowthOverRange * (before.upperBound - before.lowerBound)
    }

    private mutating func report(_ growth: Growth, _ last: TrendPoint, name: String) {
        growing = growth
        let finding = LeakReport(
            kind: growth.kind, trend: growth.trend, points: growth.points, alsoGrowing: growth.alsoGrowing, name: name
        ).finding(atS: last.atS)
        let isSame = findings.last?.evidence["kind"] == growth.kind
        if !findings.isEmpty, isSame || findings.count >= thresholds.episodesPerPhase || isOpen {
            let onsetS = findings[findings.count - 1].onsetS
            findings[findings.count - 1] = finding
            findings[findings.count - 1].onsetS = onsetS
        } else {
            findings.append(finding)
        }
    }

    /// It does not grow now: notes its end, and in the end takes the accusation back.
    private mutating func rest(_ series: TrendSeries, _ last: TrendPoint) {
        guard let growing, let seen = growing.points.last, findings.last?.severity == .critical else { return }
        if let limit = last.limit, let descriptors = last.descriptors, descriptors >= thresholds.exhaustedShare * limit
        {
            // It cannot grow any more.
            return
        }
        let restS = last.atS - lastSeenS
        let value = last.unexplained[growing.kind] ?? 0
        let was = seen.unexplained[growing.kind] ?? 0
        guard restS >= thresholds.trendWindowS, value - was <= thresholds.leakRestShare * growing.trend.slope * restS
        else { return }
        findings[findings.count - 1].endedS = findings[findings.count - 1].endedS ?? lastSeenS
        let grewS = seen.atS - (growing.points.first?.atS ?? seen.atS)
        guard restS >= min(max(grewS, thresholds.trendWindowS), thresholds.leakRestS),
            loadWentOn(from: seen, to: last, whileGrowing: growing.points)
        else { return }
        findings[findings.count - 1].severity = .warning
        findings[findings.count - 1].evidence["levelled_off_at_s"] = lastSeenS.tenths
        findings[findings.count - 1].evidence["against"] =
            "it rests at \(value.count) for \(restS.tenths) s under the same load: a pool rather than a leak"
    }

    /// Messages and disconnects per second since are at least half of what they were while it grew.
    private func loadWentOn(from: TrendPoint, to: TrendPoint, whileGrowing points: [TrendPoint]) -> Bool {
        guard let start = points.first, let before = start.load, let between = from.load, let after = to.load,
            from.atS > start.atS, to.atS > from.atS
        else { return false }
        func wentOn(_ field: KeyPath<LoadPoint, Double>) -> Bool {
            let was = (between[keyPath: field] - before[keyPath: field]) / (from.atS - start.atS)
            return (after[keyPath: field] - between[keyPath: field]) / (to.atS - from.atS) >= was / 2
        }
        return wentOn(\.messages) && wentOn(\.disconnects)
    }
}
