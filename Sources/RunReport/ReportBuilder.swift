package import Diagnosis
package import LoadMetrics
internal import LoadPlan

/// Turns what a run writes into its report.
///
/// The run and `report recover` use it alike: both feed it the journal's records in order, the one as they arise, the
/// other as they are read.
package struct ReportBuilder: Sendable {
    package let header: RunHeader
    package private(set) var totals = RunTotals()
    package private(set) var series: [SeriesPoint] = []
    package private(set) var warnings: [String] = []
    package private(set) var history = ServerHistory()
    private var scenes: [Report.Scene] = []

    private var grouping: IntervalGrouping
    private var diagnostician: Diagnostician

    package init(header: RunHeader) {
        self.header = header
        grouping = IntervalGrouping(shards: min(max(header.shards, 0), 1 << 16))
        diagnostician = Diagnostician(
            stallAfterMs: header.plan.stallAfter.wholeMilliseconds, processors: header.host.cpus)
    }

    /// Everything found so far; the live view shows it while the run goes on.
    package var findings: [Finding] { diagnostician.findings }

    /// Adds one shard's interval.
    /// - Returns: the seconds that are complete with it, for the live view.
    /// - Throws: when the interval cannot be what a shard wrote; nothing of it is added then.
    @discardableResult
    package mutating func add(_ interval: Interval) throws(IntervalFault) -> [IntervalGroup] {
        try totals.add(interval)
        let groups = try grouping.add(interval)
        observe(groups)
        return groups
    }

    /// A process of the run ended without being asked to.
    ///
    /// A shard is not waited for any more.
    @discardableResult
    package mutating func add(_ exit: ProcessExit) -> [IntervalGroup] {
        diagnostician.observe(exit)
        guard exit.role == .shard else { return [] }
        let groups = grouping.shardEnded(exit.number)
        observe(groups)
        return groups
    }

    /// A watched source was found, or another process has taken its place.
    package mutating func add(_ source: WatchedSource) {
        history.add(source)
        diagnostician.observe(source)
    }

    package mutating func add(_ sample: ServerSample) {
        history.add(sample)
        diagnostician.observe(sample)
    }

    package mutating func add(_ event: ServerEvent) {
        diagnostician.observe(event)
    }

    package mutating func add(_ scene: Report.Scene) {
        scenes.append(scene)
    }

    package mutating func add(warning: String) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    /// The report.
    ///
    /// Nothing may be added afterwards.
    package mutating func finish(_ end: RunEnd) -> Report {
        observe(grouping.flush())
        let findings = diagnostician.findings
        let thresholds = ThresholdEvaluation(totals: totals).results(for: header.plan.thresholds)
        return Report(
            run: Report.Run(header: header, durationS: end.wallS.thousandths),
            verdict: Verdict.judge(
                totals: totals, findings: findings, thresholds: thresholds, interruption: end.interruption),
            findings: findings,
            totals: Report.Totals(totals, serverSays: diagnostician.serverCount),
            timingsUs: Dictionary(
                uniqueKeysWithValues: totals.timings.filter { !$1.isEmpty }.map { ($0.name, TimingSummary($1)) }),
            pendingAtEnd: pendingAtEnd,
            series: series.map { point in
                var point = point
                point.server = history.points(atS: point.tS)
                return point
            },
            generator: generator,
            thresholds: thresholds,
            refusals: totals.refusals,
            violations: totals.violations,
            warnings: warnings,
            evidence: scenes.flatMap(\.files),
            scenes: scenes,
            server: history.server)
    }

    private mutating func observe(_ groups: [IntervalGroup]) {
        for group in groups {
            diagnostician.observe(group)
            series.append(SeriesPoint(group))
        }
    }

    private var pendingAtEnd: [String: Report.Pending] {
        var pending: [String: Report.Pending] = [:]
        for (phase, gauge) in totals.phasesAtEnd where phase != .waiting && gauge.count > 0 {
            pending[phase.name] = Report.Pending(count: gauge.count, oldestMs: gauge.oldestMs, stalled: gauge.stalled)
        }
        return pending
    }

    private var generator: Report.Generator {
        Report.Generator(
            cpuS: (totals.userCPUSeconds + totals.systemCPUSeconds).thousandths,
            cpuUserS: totals.userCPUSeconds.thousandths, cpuSystemS: totals.systemCPUSeconds.thousandths,
            rssKiBMax: totals.rssKiBMax, descriptorsMax: totals.descriptorsMax,
            scheduleLagUs: totals.scheduleLagMaxUs, busyMax: totals.busyRatioMax.thousandths)
    }
}

extension Report.Run {
    init(header: RunHeader, durationS: Double) {
        let plan = header.plan
        self.init(
            id: header.runID, profile: Report.Profile(name: plan.name, sha256: header.profileSHA256),
            target: header.target, addresses: header.addresses, dialect: plan.dialect.rawValue,
            accounts: plan.accounts.count,
            seed: header.seed, startedAt: header.startedAt, durationS: durationS,
            plannedDurationS: plan.load.duration.map(\.seconds), stallAfterMs: plan.stallAfter.wholeMilliseconds,
            version: header.version, host: header.host, shards: header.shards, tls: plan.target.tls,
            enrollment: header.enrollment)
    }
}

extension Target {
    fileprivate var tls: Report.TLS? {
        guard case .url(let url) = self, url.isSecure else { return nil }
        return Report.TLS(insecure: url.tls.insecure)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// Rounded down; `Int.max` beyond its range.
    var wholeMilliseconds: Int {
        Int(exactly: (seconds * 1000).rounded(.down)) ?? (self < .zero ? 0 : .max)
    }
}
