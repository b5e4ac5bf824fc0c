import Diagnosis
import LoadMetrics
import LoadPlan
import RunReport
import Testing

@Suite struct ReportBuilderTests {
    @Test func aGoodRunPasses() throws {
        let report = try SampleRun.passing()
        #expect(report.verdict == Verdict(status: .pass, reasons: [], exitStatus: 0))
        #expect(report.totals.iterations.completed == 200)
        #expect(report.totals.ledger.balanced && report.totals.ledger.asked == 200)
        #expect(report.totals.closeCodes == ["by_us:1000": 200])
        #expect(report.series.count == 20 && report.series.map(\.tS) == (1...20).map(Double.init))
        #expect(report.series.first?.rates.openedPerS == 10)
        #expect(report.pendingAtEnd.isEmpty && report.findings.isEmpty)
        #expect(report.thresholds.map(\.ok) == [true, true] && report.thresholds.allSatisfy(\.isImplicit))
        #expect(report.run.plannedDurationS == 20 && report.run.durationS == 20.25)
        #expect(report.generator.cpuS == 2.4 && report.generator.scheduleLagUs == 850)
        let reply = try #require(report.timingsUs["reply"])
        #expect(reply.count == 200 && reply.p50 == 15_007 && reply.p999 == nil)
    }

    @Test func aFreezeIsFoundCountedAndFails() throws {
        let report = try SampleRun.frozen()
        #expect(report.verdict.status == .fail && report.verdict.exitStatus == 6)
        #expect(report.findings.map(\.kind) == [.handshakeStall])
        #expect(report.findings.first?.onsetS == 8)
        #expect(Array(report.pendingAtEnd.keys) == ["handshaking"])
        let pending = try #require(report.pendingAtEnd["handshaking"])
        #expect(pending.count == 98 && pending.oldestMs == 7000 && pending.stalled == 98)
        #expect(report.totals.ledger.inFlight == 98 && report.totals.ledger.balanced)
        #expect(report.totals.iterations.inFlightAtEnd == 98)
        #expect(report.thresholds.map(\.ok) == [false])
        #expect(report.refusals.map(\.status) == [503])
    }

    @Test func shardsAreJoinedBySecond() throws {
        var builder = ReportBuilder(header: SampleRun.header(shards: 2))
        #expect(try builder.add(SampleRun.good(0)).isEmpty)
        #expect(try builder.add(SampleRun.good(1)).isEmpty)
        #expect(try builder.add(SampleRun.good(0, shard: 1)).map(\.second) == [0])
        let freed = builder.add(
            ProcessExit(role: .shard, number: 1, pid: 5, atS: 1.5, reason: "killed by signal 9 (SIGKILL)"))
        #expect(freed.map(\.second) == [1])
        let report = builder.finish(RunEnd(wallS: 2))
        #expect(report.totals.iterations.completed == 30)
        #expect(report.verdict.exitStatus == 5 && report.findings.map(\.kind) == [.processExit])
    }

    @Test func everyThresholdMetricIsEvaluated() throws {
        var totals = RunTotals()
        for second in 0..<3 { try totals.add(SampleRun.good(second)) }
        let evaluation = ThresholdEvaluation(totals: totals)
        // All names of the grammar, each with a value or, of timings nobody recorded, without.
        for name in Threshold.metricNames {
            let isTime = Threshold.timingNames.contains { name.hasPrefix($0 + ".") } && !name.hasSuffix(".count")
            let threshold = try Threshold(parsing: isTime ? "\(name) != 123456s" : "\(name) != 123456")
            let result = try #require(evaluation.results(for: [threshold]).first)
            let isRecorded = ["connect", "handshake", "reply", "reply_service", "iteration"].contains {
                name.hasPrefix($0 + ".")
            }
            #expect(result.ok == (!isTime || isRecorded), "\(name)")
            #expect((result.observed == nil) == (isTime && !isRecorded), "\(name)")
            #expect(result.unit == (isTime ? .microseconds : .count), "\(name)")
        }
    }

    @Test func thePlansNamesAreTheMetrics() {
        #expect(Threshold.timingNames.sorted() == Timing.allCases.map(\.name).sorted())
        #expect(Threshold.outcomeSlugs.sorted() == Outcome.Kind.allCases.map(\.slug).sorted())
    }

    @Test func outcomesWithCodesCountForTheirKind() throws {
        var interval = SampleRun.good(0)
        interval.outcomes = ["handshake_rejected:404": 2, "handshake_rejected:503": 3, "ok": 1]
        var totals = RunTotals()
        try totals.add(interval)
        let results = ThresholdEvaluation(totals: totals).results(for: [
            try Threshold(parsing: "outcomes.handshake_rejected == 5"),
            try Threshold(parsing: "outcomes.handshake_rejected:404 == 2"),
            try Threshold(parsing: "outcomes.failed == 5"),
            try Threshold(parsing: "outcomes.failed == 6"),
        ])
        #expect(results.map(\.ok) == [true, true, true, false])
    }

    @Test func tlsIsShownOnlyForWss() throws {
        var plan = SampleRun.plan()
        var url = TargetURL(
            isSecure: true, host: "localhost", port: 443, resource: Template(segments: []),
            tls: TLSSettings(insecure: true))
        plan.target = .url(url)
        var builder = ReportBuilder(header: SampleRun.header(plan: plan))
        #expect(builder.finish(RunEnd(wallS: 1)).run.tls?.insecure == true)
        url.isSecure = false
        plan.target = .url(url)
        builder = ReportBuilder(header: SampleRun.header(plan: plan))
        #expect(builder.finish(RunEnd(wallS: 1)).run.tls == nil)
    }
}
