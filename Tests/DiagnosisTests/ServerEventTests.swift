import Diagnosis
import LoadMetrics
import Testing

@Suite struct ServerEventTests {
    private let source = WatchedSource(
        number: 3, kind: .process, role: .watched, name: "port 8080", pid: 41, descriptorLimit: 1024, port: 8080)

    private func diagnostician() -> Diagnostician {
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        diagnostician.observe(source)
        return diagnostician
    }

    @Test func theEndOfAWatchedProcessIsCritical() throws {
        var diagnostician = diagnostician()
        diagnostician.observe(ServerEvent(source: 3, kind: .exited, atS: 7.5, detail: "killed by signal 11"))
        let end = try #require(diagnostician.findings.first)
        #expect(end.kind == .processExit && end.severity == .critical && end.onsetS == 7.5)
        #expect(end.summary == "port 8080 ended during the run: killed by signal 11")
        #expect(end.evidence["role"] == "watched" && end.evidence["pid"] == "41")
    }

    @Test(arguments: [true, false])
    func anEndAndItsSuccessorAreOneFinding(exitFirst: Bool) {
        var diagnostician = diagnostician()
        let events = [
            ServerEvent(source: 3, kind: .exited, atS: 7, detail: "exit status 1"),
            ServerEvent(source: 3, kind: .restarted, atS: 8.5, detail: "pid 42"),
        ]
        for event in exitFirst ? events : events.reversed() { diagnostician.observe(event) }
        #expect(diagnostician.findings.map(\.onsetS) == [7])
        #expect(
            diagnostician.findings.first?.summary == "port 8080 was restarted during the run: exit status 1; pid 42")
    }

    @Test(arguments: [true, false])
    func anEndThatTheSupervisorSawTooIsToldOnce(eventFirst: Bool) {
        var diagnostician = diagnostician()
        let exit = ProcessExit(role: .gateway, number: 0, pid: 41, atS: 7.1, reason: "exit status 1")
        if !eventFirst { diagnostician.observe(exit) }
        diagnostician.observe(ServerEvent(source: 3, kind: .exited, atS: 7, detail: "gone"))
        if eventFirst { diagnostician.observe(exit) }
        #expect(diagnostician.findings.map(\.summary) == ["gateway 0 (pid 41) ended during the run: exit status 1"])
    }

    @Test func whatCannotBeReadIsNoFinding() {
        var diagnostician = diagnostician()
        diagnostician.observe(ServerEvent(source: 3, kind: .unreadable, atS: 1, detail: "run as root"))
        #expect(diagnostician.findings.isEmpty)
    }

    @Test func aFailedAcceptAloneIsAnExhaustionThatEnds() throws {
        var diagnostician = diagnostician()
        func sample(_ second: Int, fds: Int) -> ServerSample {
            var sample = ServerSample(source: 3, atS: Double(second))
            sample.descriptors = fds
            sample.descriptorsByKind = ["netlink": fds - 20, "tcp:ESTABLISHED": 20]
            return sample
        }
        for second in 0..<10 { diagnostician.observe(sample(second, fds: 400)) }
        diagnostician.observe(ServerEvent(source: 3, kind: .acceptFailed, atS: 10.2, detail: "accept4: EMFILE"))
        let found = try #require(diagnostician.findings.first)
        #expect(found.kind == .descriptorExhaustion && found.onsetS == 10.2 && found.endedS == nil)
        #expect(found.evidence["accept_failed"] == "accept4: EMFILE")
        for second in 11..<40 { diagnostician.observe(sample(second, fds: 400)) }
        #expect(diagnostician.findings.count == 1 && diagnostician.findings.first?.endedS == 11)
        #expect(diagnostician.findings.first?.evidence["fds_by_kind"] == "netlink 380, tcp:ESTABLISHED 20")
    }

    @Test(arguments: [(1003, true), (1004, true), (1021, true), (1000, false)])
    func theTableIsFullAtNinetyEightPercentOrThreeBelow(fds: Int, isFull: Bool) {
        var diagnostician = diagnostician()
        var sample = ServerSample(source: 3, atS: 5)
        sample.descriptors = fds
        diagnostician.observe(sample)
        let expected = Double(fds) >= 0.98 * 1024 || fds >= 1021
        #expect(diagnostician.findings.contains { $0.kind == .descriptorExhaustion } == expected)
    }

    @Test func nonsenseFromAJournalDoesNoHarm() throws {
        var diagnostician = diagnostician()
        var random = SeededRandom(9)
        let numbers = [Int.min, -1, 0, 1, 7, 1 << 40, .max]
        let times = [-Double.infinity, -1e300, -1, 0, 1, 2, 3, 1e9, .infinity, .nan]
        var run = RecordedRun()
        for _ in 0..<400 {
            func number() -> Int? { Bool.random(using: &random) ? numbers.randomElement(using: &random) : nil }
            var sample = ServerSample(
                source: number() ?? 3, atS: times.randomElement(using: &random) ?? 0)
            sample.pid = Int32(truncatingIfNeeded: number() ?? 41)
            (sample.descriptors, sample.descriptorLimit) = (number(), number())
            sample.descriptorsByKind = ["a": number() ?? 0, "tcp:ESTABLISHED": number() ?? 0, "": number() ?? 0]
            sample.connections = ["ESTABLISHED": number() ?? 0]
            (sample.acceptQueue, sample.acceptQueueLimit) = (number(), number())
            (sample.userCPUSeconds, sample.systemCPUSeconds) = (times.randomElement(using: &random), -.infinity)
            (sample.residentKiB, sample.threads, sample.accountsOnline) = (number(), number(), number())
            sample.threadsByState = ["T": number() ?? 0, "S": number() ?? 0]
            (sample.voluntarySwitches, sample.involuntarySwitches) = (number(), number())
            diagnostician.observe(sample)
            diagnostician.observe(
                ServerEvent(
                    source: number() ?? 3, kind: ServerEvent.Kind.allCases.randomElement(using: &random) ?? .exited,
                    atS: times.randomElement(using: &random) ?? 0, detail: ""))
            try run.second {
                $0.phase(.admitting, count: 9, oldestMs: 9000, stalled: 9)
                $0.outcomes["admission_timeout"] = Int.random(in: 0...1 << 40, using: &random)
            }
            if let group = run.groups.last { diagnostician.observe(group) }
            for finding in diagnostician.findings { #expect(!finding.summary.isEmpty) }
        }
        #expect(diagnostician.findings.contains { $0.kind == .connectionFreeze })
    }
}
