import Diagnosis
import LoadMetrics
import Testing

@Suite struct VerdictTests {
    private let held = ThresholdResult(expression: "outcomes.failed == 0", observed: 0, unit: .count, ok: true)
    private let broken = ThresholdResult(expression: "reply.p99 < 1ms", observed: 2500, unit: .microseconds, ok: false)
    private let empty = ThresholdResult(expression: "reply.p99 < 1ms", observed: nil, unit: .microseconds, ok: false)

    private func totals(_ fill: (inout Interval) -> Void = { _ in }) throws -> RunTotals {
        var interval = Interval(shard: 0, sequence: 0, startS: 0, endS: 1)
        interval.counters.asked = 10
        interval.counters.opened = 10
        interval.counters.closedClean = 10
        interval.counters.iterationsStarted = 10
        interval.counters.iterationsCompleted = 10
        interval.outcomes = ["ok": 10]
        fill(&interval)
        var totals = RunTotals()
        try totals.add(interval)
        return totals
    }

    private func judge(
        _ totals: RunTotals, _ findings: [Finding] = [], _ thresholds: [ThresholdResult] = [],
        interruption: String? = nil
    ) -> Verdict {
        Verdict.judge(totals: totals, findings: findings, thresholds: thresholds, interruption: interruption)
    }

    private func finding(_ kind: Finding.Kind, _ severity: Finding.Severity) -> Finding {
        Finding(kind: kind, severity: severity, onsetS: 1, summary: "seen", evidence: [:])
    }

    private func exit(_ role: ProcessExit.Role) -> [Finding] {
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        diagnostician.observe(ProcessExit(role: role, number: 1, pid: 77, atS: 3, reason: "killed by signal 9"))
        return diagnostician.findings
    }

    @Test func aCleanRunPasses() throws {
        #expect(try judge(totals(), [], [held]) == Verdict(status: .pass, reasons: [], exitStatus: 0))
    }

    @Test func warningsDoNotDecide() throws {
        #expect(
            try judge(totals(), [finding(.replyStall, .warning), finding(.generatorLimited, .warning)]).status == .pass)
    }

    @Test func aBrokenThresholdIs99() throws {
        let verdict = try judge(totals(), [], [held, broken])
        #expect(verdict == Verdict(status: .fail, reasons: ["threshold reply.p99 < 1ms: was 2.50 ms"], exitStatus: 99))
    }

    @Test func aThresholdWithoutSamplesFails() throws {
        #expect(try judge(totals(), [], [empty]).reasons == ["threshold reply.p99 < 1ms: no samples"])
    }

    @Test func nothingCompletedNeverPasses() throws {
        let idle = try totals {
            $0.counters.iterationsCompleted = 0
            $0.outcomes = [:]
        }
        #expect(judge(idle, [], [held]) == Verdict(status: .fail, reasons: ["no iteration completed"], exitStatus: 99))
    }

    @Test func theServersFaultIs6() throws {
        let verdict = try judge(totals(), [finding(.closeStall, .critical)], [broken])
        #expect(verdict.status == .fail && verdict.exitStatus == 6)
        #expect(verdict.reasons == ["close_stall: seen", "threshold reply.p99 < 1ms: was 2.50 ms"])
    }

    @Test func aDeadGatewayIs6AndADeadShardIs5() throws {
        #expect(try judge(totals(), exit(.gateway)).exitStatus == 6)
        #expect(try judge(totals(), exit(.watched)).exitStatus == 6)
        let shard = try judge(totals(), exit(.shard))
        #expect(shard.exitStatus == 5 && shard.status == .invalid)
        #expect(shard.reasons.first?.contains("shard 1 (pid 77)") == true)
    }

    @Test func ourOwnLimitIs5BeforeAnyFindingAboutTheServer() throws {
        let verdict = try judge(totals(), [finding(.replyStall, .critical), finding(.generatorLimited, .critical)])
        #expect(verdict.status == .invalid && verdict.exitStatus == 5 && verdict.reasons.count == 2)
    }

    @Test func aLedgerThatDoesNotBalanceIsInvalid() throws {
        let verdict = try judge(totals { $0.counters.closedClean = 9 }, [], [held])
        #expect(verdict.exitStatus == 5 && verdict.reasons.first?.contains("opened: 1") == true)
    }

    @Test func interruptionComesFirst() throws {
        let verdict = try judge(
            totals(), [finding(.generatorLimited, .critical), finding(.closeStall, .critical)], [broken],
            interruption: "interrupted by the user")
        #expect(verdict.exitStatus == 130 && verdict.status == .invalid && verdict.reasons.count == 4)
        #expect(verdict.reasons.first == "interrupted by the user")
    }

    private func unreached(_ slugs: [String], timedOut: Int = 0) throws -> RunTotals {
        try totals {
            $0.counters = Counters()
            $0.counters.asked = 5
            $0.counters.failed = 5 - timedOut
            $0.counters.timedOut = timedOut
            $0.counters.iterationsFailed = 5
            $0.counters.iterationsStarted = 5
            $0.outcomes = Dictionary(uniqueKeysWithValues: slugs.map { ($0, 5 / slugs.count) })
        }
    }

    @Test(arguments: ["refused", "unreachable", "network_denied", "connect_failed", "tls_certificate", "tls_failed"])
    func aTargetThatRefusesEverybodyIs4(slug: String) throws {
        let verdict = try judge(unreached([slug]), [], [broken])
        #expect(verdict.exitStatus == 4 && verdict.status == .fail)
        #expect(verdict.reasons.first?.hasPrefix("target unreachable: none of 5") == true)
    }

    @Test(arguments: ["handshake_rejected:404", "handshake_invalid", "connection_reset", "no_local_port"])
    func aTargetThatAnswersWronglyIsReached(slug: String) throws {
        #expect(try judge(unreached([slug]), [], [broken]).exitStatus == 99)
        #expect(try judge(unreached([slug, "refused"]), [], [broken]).exitStatus == 99)
    }

    @Test func silenceIsNotUnreachable() throws {
        #expect(try judge(unreached(["refused"], timedOut: 1), [], [broken]).exitStatus == 99)
    }

    @Test func oneThatOpenedWasReached() throws {
        let reached = try totals {
            $0.counters.refused = 3
            $0.counters.asked = 13
            $0.outcomes = ["refused": 3, "ok": 10]
        }
        #expect(judge(reached, [], [broken]).exitStatus == 99)
    }
}
