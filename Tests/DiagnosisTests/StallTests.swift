import Diagnosis
import LoadMetrics
import Testing

@Suite struct StallTests {
    private func findings(_ run: RecordedRun) -> [Finding] {
        Diagnostician.findings(stallAfterMs: 5000, groups: run.groups)
    }

    /// A hundred accounts churn well for ten seconds.
    private func healthyStart() throws -> RecordedRun {
        var run = RecordedRun()
        try run.seconds(10) { _, interval in
            for phase in Phase.stallable { interval.phase(phase, count: 10, oldestMs: 40, passed: 500) }
            for timing in [Timing.connect, .tls, .handshake, .admission, .replyService, .close] {
                interval.timing(timing, ms: [1, 2, 40])
            }
        }
        return run
    }

    @Test func aHealthyRunHasNoFindings() throws {
        #expect(try findings(healthyStart()).isEmpty)
    }

    @Test(arguments: [
        (Phase.connecting, Finding.Kind.handshakeStall), (.securing, .handshakeStall), (.handshaking, .handshakeStall),
        (.admitting, .admissionStall), (.sending, .replyStall), (.receiving, .replyStall), (.closing, .closeStall),
    ])
    func aFreezeIsNamedInTheFirstSecondItCanBe(phase: Phase, kind: Finding.Kind) throws {
        var run = try healthyStart()
        // From 10 s on nobody gets through; the first account to reach `stall.after` does so in the second ending at
        // 15.
        try run.seconds(8) { number, interval in
            let age = (number + 1) * 1000
            interval.phase(phase, count: 100, oldestMs: age, stalled: age >= 5000 ? 98 : 0)
        }
        let findings = findings(run)
        #expect(findings.count == 1)
        let finding = try #require(findings.first)
        #expect(finding.kind == kind && finding.severity == .critical)
        #expect(finding.onsetS == 15 && finding.endedS == nil)
        #expect(finding.evidence["accounts_max"] == "98")
        #expect(finding.evidence["oldest_ms_max"] == "8000")
        #expect(finding.evidence["gate"] == "shut")
        #expect(finding.evidence["nobody_passed_since_s"] == "10.0")
        #expect(finding.evidence["stuck_since_s"] == "10.0")
        #expect(finding.evidence["phase"] == phase.name)
        #expect(finding.summary.contains("98 accounts hung") && finding.summary.contains("oldest for 8.0 s"))
    }

    @Test func idleAndOfflineAccountsNeverStall() throws {
        var run = RecordedRun()
        try run.seconds(60) { number, interval in
            interval.phase(.open, count: 50, oldestMs: number * 1000, stalled: 50)
            interval.phase(.waiting, count: 50, oldestMs: number * 1000, stalled: 50)
        }
        #expect(findings(run).isEmpty)
    }

    @Test func aSlowServerIsNotAccused() throws {
        var run = RecordedRun()
        // Replies take 1 to 8 s, and keep coming.
        try run.seconds(60) { _, interval in
            interval.phase(.receiving, count: 100, oldestMs: 7900, stalled: 35, passed: 20)
            interval.timing(.replyService, ms: [1000, 4000, 6000, 8000])
        }
        let findings = findings(run)
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings.first?.summary.contains("slow or paused") == true)
    }

    @Test func aPauseIsAWarningOnceAccountsPass() throws {
        var run = try healthyStart()
        // Stopped for 7 s, then everything is answered.
        try run.seconds(7) { number, interval in
            let age = (number + 1) * 1000
            interval.phase(.receiving, count: 100, oldestMs: age, stalled: age >= 5000 ? 100 : 0)
        }
        #expect(findings(run).map(\.severity) == [.critical])
        try run.second {
            $0.phase(.receiving, count: 100, oldestMs: 10, passed: 100)
            $0.timing(.replyService, ms: [7000])
        }
        let findings = findings(run)
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings.first?.endedS == 18)
        #expect(findings.first?.evidence["slowest_pass_ms"] == "7000")
    }

    @Test func someStuckWhileOthersAreQuickIsTheServersFault() throws {
        var run = try healthyStart()
        // One of two gateways is dead: half the accounts hang, the other half is served in a millisecond.
        try run.seconds(10) { number, interval in
            let age = (number + 1) * 1000
            interval.phase(.handshaking, count: 55, oldestMs: age, stalled: age >= 5000 ? 50 : 0, passed: 300)
            interval.phase(.open, count: 45)
            interval.timing(.handshake, ms: [1, 1, 2])
        }
        let finding = try #require(findings(run).first)
        #expect(finding.severity == .critical)
        #expect(finding.evidence["gate"] == "open")
        #expect(finding.summary.contains("these are stuck"))
    }

    @Test func oneStragglerAmongManyIsAWarning() throws {
        var run = try healthyStart()
        try run.seconds(10) { number, interval in
            let age = (number + 1) * 1000
            interval.phase(.receiving, count: 100, oldestMs: age, stalled: age >= 5000 ? 1 : 0, passed: 900)
            interval.timing(.replyService, ms: [1, 2])
        }
        #expect(findings(run).map(\.severity) == [.warning])
    }

    @Test func timeoutsShorterThanTheStallAreStillAStall() throws {
        var run = RecordedRun()
        // The handshake times out after 3 s, so that no account ever gets to `stall.after`; and nobody passes.
        try run.seconds(20) { number, interval in
            interval.phase(.handshaking, count: 100, oldestMs: (number % 3 + 1) * 1000)
            if number % 3 == 2 { interval.outcomes["handshake_timeout"] = 100 }
        }
        let findings = findings(run)
        #expect(findings.count == 1)
        #expect(findings.first?.severity == .critical && findings.first?.endedS == nil)
        #expect(findings.first?.evidence["timed_out"] == "500")
        #expect(findings.first?.onsetS == 6)
    }

    @Test func aFewTimeoutsWhileOthersPassAreNoStall() throws {
        var run = RecordedRun()
        try run.seconds(20) { _, interval in
            interval.phase(.handshaking, count: 10, oldestMs: 2900, passed: 50)
            interval.outcomes["handshake_timeout"] = 2
        }
        #expect(findings(run).isEmpty)
    }

    @Test func aStallThatComesBackSoonIsOneFinding() throws {
        var run = try healthyStart()
        for _ in 0..<3 {
            try run.seconds(3) { _, interval in
                interval.phase(.closing, count: 9, oldestMs: 6000, stalled: 9, passed: 5)
            }
            try run.seconds(2) { _, interval in interval.phase(.closing, count: 1, passed: 20) }
        }
        #expect(findings(run).count == 1)
        try run.seconds(30) { _, interval in interval.phase(.closing, count: 1, passed: 20) }
        try run.second { $0.phase(.closing, count: 9, oldestMs: 6000, stalled: 9, passed: 5) }
        #expect(findings(run).count == 2)
    }

    @Test func aSoakTestDoesNotPileUpFindings() throws {
        var run = RecordedRun()
        for _ in 0..<50 {
            try run.second { $0.phase(.closing, count: 9, oldestMs: 6000, stalled: 9, passed: 5) }
            try run.seconds(10) { _, interval in interval.phase(.closing, count: 1, passed: 20) }
        }
        #expect(findings(run).count == DiagnosisThresholds().episodesPerPhase)
    }

    @Test func findingsAreTheSameHoweverTheyAreAskedFor() throws {
        var run = try healthyStart()
        try run.seconds(8) { _, interval in interval.phase(.closing, count: 9, oldestMs: 6000, stalled: 9) }
        var step = Diagnostician(stallAfterMs: 5000)
        for group in run.groups {
            step.observe(group)
            _ = step.findings
        }
        #expect(step.findings == findings(run))
    }
}
