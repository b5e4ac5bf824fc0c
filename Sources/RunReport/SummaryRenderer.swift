internal import Diagnosis
internal import LoadMetrics

/// A report as text for the terminal: the verdict first, then what happened, then what stands out.
package struct SummaryRenderer {
    private let report: Report
    private var page: TextPage

    /// Entries of a list before it is cut short.
    private static let listLimit = 8
    /// Lines of the scenes that are shown.
    private static let tellingLimit = 5

    /// - Parameter location: where the report and what belongs to it lies, for the last line; nil prints none.
    package static func render(_ report: Report, style: TextStyle, location: String? = nil) -> String {
        var renderer = SummaryRenderer(report: report, page: TextPage(style: style))
        renderer.verdict()
        renderer.counts()
        renderer.timings()
        renderer.pending()
        renderer.findings()
        renderer.thresholds()
        renderer.examples()
        renderer.server()
        renderer.remarks()
        renderer.scenes()
        if let location {
            renderer.page.space()
            // In one piece, to be copied.
            renderer.page.heading("report")
            renderer.page.raw("  \(location.printable)")
        }
        return renderer.page.text
    }

    private mutating func verdict() {
        let verdict = report.verdict
        let word = verdict.status.rawValue.uppercased()
        let calm = report.findings.isEmpty ? "nothing stood out" : "what stood out is below"
        page.entry(
            word, verdict.reasons.first ?? "all thresholds held, \(calm)",
            tone: verdict.status == .pass ? .good : verdict.status == .fail ? .bad : .doubtful)
        for reason in verdict.reasons.dropFirst().prefix(Self.listLimit) { page.entry("", "also: \(reason)") }
        let unnamed = verdict.reasons.count - 1 - Self.listLimit
        if unnamed > 0 { page.entry("", "and \(Quantity.of(unnamed, "more reason"))") }
        let run = report.run
        page.entry("run", "\(run.profile.name) on \(run.target)")
        page.entry(
            "",
            "\(Quantity.of(run.accounts, "account")), \(Quantity.time(s: run.durationS)), seed \(run.seed), "
                + Quantity.of(run.shards, "shard"))
        if let enrollment = run.enrollment { page.entry("accounts", Self.text(of: enrollment)) }
        if run.tls?.insecure == true {
            page.entry("", "TLS: certificates were NOT checked (insecure)", tone: .doubtful)
        }
        page.space()
    }

    private static func text(of enrollment: Report.Enrollment) -> String {
        var parts = ["OpenIM \(enrollment.version)"]
        if enrollment.accountsRegistered > 0 {
            parts.append(
                "\(Quantity.count(enrollment.accountsRegistered)) registered in \(Quantity.time(s: enrollment.registerS))"
            )
        }
        if enrollment.accountsKnown > 0 { parts.append("\(Quantity.count(enrollment.accountsKnown)) known before") }
        if enrollment.tokensFetched > 0 {
            parts.append(
                "\(Quantity.of(enrollment.tokensFetched, "token")) fetched in \(Quantity.time(s: enrollment.fetchTokensS))"
            )
        }
        let ready = enrollment.tokens - enrollment.tokensFetched
        if ready > 0 { parts.append("\(Quantity.of(ready, "token")) at hand") }
        if enrollment.retries > 0 { parts.append("\(Quantity.count(enrollment.retries)) retried") }
        return parts.joined(separator: ", ")
    }

    private mutating func counts() {
        let totals = report.totals
        let iterations = totals.iterations
        let perSecond = report.run.durationS > 0 ? Double(iterations.completed) / report.run.durationS : 0
        var parts = [
            "\(Quantity.count(iterations.completed)) completed (\(Quantity.rate(perSecond)))",
            "\(Quantity.count(iterations.failed)) failed",
        ]
        let kicked = totals.outcomes[Outcome.Kind.kicked.slug] ?? 0
        for (count, word) in [
            (iterations.interrupted - kicked, "interrupted"), (kicked, "ended by a kick as expected"),
            (iterations.dropped, "dropped"),
            (iterations.inFlightAtEnd, "in flight at the end"),
        ] where count != 0 {
            parts.append("\(Quantity.count(count)) \(word)")
        }
        page.entry("iterations", parts.joined(separator: ", "), tone: iterations.failed > 0 ? .bad : .plain)
        let failures = totals.outcomes.filter { Outcome.isFailure(slug: $0.key) }.sorted {
            ($1.value, $0.key) < ($0.value, $1.key)
        }
        list(failures, label: "failures")

        let ledger = totals.ledger
        page.entry(
            "connections",
            sum(
                ledger.asked, "asked",
                [
                    (ledger.opened, "opened"), (ledger.refused, "refused"), (ledger.failed, "failed"),
                    (ledger.timedOut, "timed out"), (ledger.inFlight, "in flight"),
                ]))
        page.entry(
            "",
            sum(
                ledger.opened, "opened",
                [
                    (ledger.closedClean, "closed clean"), (ledger.closedByPeer, "closed by peer"),
                    (ledger.lost, "lost"), (ledger.stillOpen, "still open"),
                ]))
        if !ledger.balanced {
            page.entry(
                "",
                "DOES NOT BALANCE: asked by \(ledger.askedDifference), opened by \(ledger.openedDifference)", tone: .bad
            )
        }
        if let count = totals.serverSays {
            let strangers = [(count.ghosts, "ghost"), (count.widows, "widow")].filter { $0.0 > 0 }.map {
                Quantity.of($0.0, $0.1)
            }
            page.entry(
                "",
                "the server says \(Quantity.count(count.serverSays)) online, we say \(Quantity.count(count.weSay)) "
                    + "at \(Quantity.time(s: max(count.atS, 0)))"
                    + (strangers.isEmpty ? "" : ": \(strangers.joined(separator: ", "))"),
                tone: strangers.isEmpty ? .plain : .doubtful)
        }
        list(totals.closeCodes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }, label: "close codes")
        let unclaimed =
            totals.messages.unclaimed > 0 ? ", \(Quantity.count(totals.messages.unclaimed)) of them unclaimed" : ""
        page.entry(
            "messages",
            "\(Quantity.count(totals.messages.sent)) sent (\(Quantity.bytes(totals.bytes.sent))), "
                + "\(Quantity.count(totals.messages.received)) received (\(Quantity.bytes(totals.bytes.received)))"
                + unclaimed)
        page.space()
    }

    /// `100 asked = 98 opened + 2 refused`; what is zero is left out, but for the first.
    private func sum(_ total: Int, _ name: String, _ parts: [(Int, String)]) -> String {
        let shown = parts.enumerated().filter { $0.offset == 0 || $0.element.0 != 0 }.map(\.element)
        return "\(Quantity.count(total)) \(name) = "
            + shown.map { "\(Quantity.count($0.0)) \($0.1)" }.joined(separator: " + ")
    }

    private mutating func list(_ counts: [(key: String, value: Int)], label: String) {
        guard !counts.isEmpty else { return }
        var text = counts.prefix(Self.listLimit).map { "\($0.key) ×\(Quantity.count($0.value))" }.joined(
            separator: ", ")
        if counts.count > Self.listLimit { text += ", and \(counts.count - Self.listLimit) more kinds" }
        page.entry(label, text)
    }

    private mutating func timings() {
        let known = Timing.allCases.compactMap { timing in
            report.timingsUs[timing.name].map { (name: timing.name, summary: $0) }
        }
        guard !known.isEmpty else { return }
        for line in TimingTable.lines(known, style: page.style) { page.raw(line) }
        page.space()
    }

    private mutating func pending() {
        let waiting = Phase.allCases.compactMap { phase in report.pendingAtEnd[phase.name].map { (phase.name, $0) } }
        guard !waiting.isEmpty else { return }
        page.heading("pending at the end")
        for (name, pending) in waiting {
            let stalled = pending.stalled > 0 ? ", \(Quantity.count(pending.stalled)) of them stalled" : ""
            page.item(
                "\(name): \(Quantity.of(pending.count, "account")), "
                    + "oldest \(Quantity.time(ms: pending.oldestMs))\(stalled)",
                tone: pending.stalled > 0 ? .bad : .plain)
        }
        page.space()
    }

    private mutating func findings() {
        guard !report.findings.isEmpty else { return }
        page.heading("findings")
        for finding in report.findings.prefix(Self.listLimit) {
            let onset = Quantity.time(s: finding.onsetS)
            let span = finding.endedS.map { "\(onset) to \(Quantity.time(s: $0))" } ?? "from \(onset) on"
            page.item(
                "\(finding.severity.rawValue) \(finding.kind.rawValue), \(span)",
                tone: finding.severity == .critical ? .bad : .doubtful)
            page.item(finding.summary, indent: 4)
            let evidence = finding.evidence.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            page.item(evidence.joined(separator: "  "), indent: 4, tone: .faint)
        }
        let unnamed = report.findings.count - Self.listLimit
        if unnamed > 0 { page.item("and \(Quantity.of(unnamed, "more finding"))") }
        page.space()
    }

    private mutating func thresholds() {
        let explicit = report.thresholds.filter { !$0.isImplicit || !$0.ok }
        guard !explicit.isEmpty else { return }
        page.heading("thresholds")
        for threshold in explicit {
            let was: String
            switch (threshold.observed, threshold.unit) {
            case (nil, _): was = "no samples"
            case (let observed?, .microseconds): was = Quantity.time(us: observed)
            case (let observed?, .count): was = Quantity.count(Int(min(max(observed, -9e15), 9e15)))
            }
            page.item(
                "\(threshold.ok ? "ok    " : "failed") \(threshold.expression): \(was)",
                tone: threshold.ok ? .plain : .bad)
        }
        page.space()
    }

    private mutating func examples() {
        if !report.refusals.isEmpty {
            page.heading("refused, for example")
            for refusal in report.refusals.prefix(3) {
                let body = refusal.body.printable.wrapped(to: 200)[0]
                page.item("\(refusal.status) \(refusal.reason)\(body.isEmpty ? "" : ": \(body)")")
            }
            page.space()
        }
        if !report.violations.isEmpty {
            page.heading("protocol violations, for example")
            for violation in report.violations.prefix(3) { page.item(violation) }
            page.space()
        }
    }

    private mutating func remarks() {
        for warning in report.warnings.prefix(Self.listLimit) { page.entry("warning", warning, tone: .doubtful) }
        let unnamed = report.warnings.count - Self.listLimit
        if unnamed > 0 { page.entry("", "and \(Quantity.of(unnamed, "more warning"))") }
        let generator = report.generator
        page.entry(
            "generator",
            "\(Quantity.time(s: generator.cpuS)) CPU, "
                + "\(Quantity.bytes(generator.rssKiBMax.multipliedClamped(by: 1024))), "
                + "\(Quantity.of(generator.descriptorsMax, "descriptor")), busy at most "
                + "\(Int((min(max(generator.busyMax, 0), 1) * 100).rounded())) %, late at most "
                + Quantity.time(us: generator.scheduleLagUs))
    }

    private mutating func server() {
        guard let server = report.server else { return }
        page.heading("server")
        for process in server.processes.prefix(Self.listLimit) { page.item(Self.text(of: process)) }
        for metrics in server.metrics.prefix(Self.listLimit) { page.item(Self.text(of: metrics)) }
        let unnamed =
            max(server.processes.count - Self.listLimit, 0) + max(server.metrics.count - Self.listLimit, 0)
        if unnamed > 0 { page.item("and \(unnamed) more") }
        page.space()
    }

    private static func text(of process: Report.Process) -> String {
        var parts: [String] = []
        if let descriptors = process.descriptors {
            let limit = process.limits.map { " of \(Quantity.count($0.nofile))" } ?? ""
            parts.append(
                "fds \(Quantity.count(descriptors.start)) → \(Quantity.count(descriptors.end)), "
                    + "at most \(Quantity.count(descriptors.max))\(limit)")
        }
        if let connections = process.connections {
            parts.append("connections at most \(Quantity.count(connections.max))")
        }
        if let cpu = process.cpu {
            parts.append("\(Quantity.time(s: cpu.usedS)) CPU, at most \(Quantity.cores(cpu.coresMax)) cores")
        }
        if let memory = process.rssKiB { parts.append("at most \(Quantity.bytes(Int(min(memory.max, 1e12)) * 1024))") }
        return "\(process.name) (pid \(process.pid)): " + (parts.isEmpty ? "unseen" : parts.joined(separator: "; "))
    }

    private static func text(of metrics: Report.Metrics) -> String {
        var spans = [
            ("fds", metrics.descriptors), ("goroutines", metrics.goroutines), ("online", metrics.accountsOnline),
        ].compactMap { name, span in span.map { (name, $0) } }
        spans += metrics.series.sorted { $0.key < $1.key }.prefix(listLimit).map { ($0.key, $0.value) }
        let text = spans.map {
            "\($0) \(Quantity.count($1.start)) → \(Quantity.count($1.end)), at most \(Quantity.count($1.max))"
        }
        return "\(metrics.name): " + (text.isEmpty ? "said nothing" : text.joined(separator: "; "))
    }

    /// Last, so that whoever looks at the end of the output sees where the server waits.
    private mutating func scenes() {
        guard !report.scenes.isEmpty else { return }
        let evidence = report.evidence
        page.space()
        for scene in report.scenes { page.heading("the scene at \(Quantity.time(s: scene.atS)) (\(scene.finding))") }
        var shown: Set<String> = []
        let lines = report.scenes.flatMap(\.lines).enumerated().sorted {
            ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset)
        }
        for line in lines.map(\.element) where shown.count < Self.tellingLimit && shown.insert(line.text).inserted {
            page.item(line.text, tone: line.weight >= 100 ? .bad : .plain)
        }
        page.item("evidence: \(Quantity.of(evidence.count, "file")), listed in report.json", tone: .faint)
    }
}

extension Int {
    func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
