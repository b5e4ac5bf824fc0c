import Diagnosis
import LoadMetrics
import Testing

/// Series of broken servers: found in time, with the right class and kind, and a slope near the truth.
@Suite struct BrokenServerTests {
    private static let stallAfterS = 5.0

    /// A hub that waits for itself: upgrades are answered, nobody is admitted, sessions go on, the CPU is idle.
    private func deadlocked(atS: Double, phase: Phase = .admitting) -> SimulatedServer {
        var server = SimulatedServer.healthy()
        server.isOpen = { $0 != phase || $1 < atS }
        server.cores = { load, random in
            load.atS <= atS ? Double.random(in: 0.3...0.6, using: &random) : 0.004
        }
        server.switches = { load, random in load.atS <= atS ? random.poisson(3000) : random.poisson(60) }
        server.adjust = { sample, load, _ in
            sample.accountsOnline = load.atS <= atS ? load.admitted : 17
            sample.connections?["CLOSE_WAIT"] = load.abandoned
            sample.descriptorsByKind?["tcp:CLOSE_WAIT"] = load.abandoned
        }
        return server
    }

    @Test(arguments: [Phase.admitting, .handshaking, .connecting, .closing])
    func deadlockIsFoundInTime(phase: Phase) throws {
        for seed in 0..<UInt64(25) {
            var random = SeededRandom(seed &+ 77)
            let atS = Double.random(in: 1.5...25, using: &random)
            var load = SimulatedLoad()
            load.seconds = Int(atS) + 25
            // Who gives up leaving comes in again, and that is no freeze.
            load.timeoutS = phase == .closing ? 60 : .random(in: 3...15, using: &random)
            let run = try SimulatedRun(deadlocked(atS: atS, phase: phase), load, seed: seed)
            let (seenS, findings) = run.firstSeen(.connectionFreeze)
            let trace = "seed \(seed) of \(SeededRandom.seed), frozen at \(atS): \(findings)"
            let seen = try #require(seenS, "\(trace)")
            let freeze = try #require(findings.first { $0.kind == .connectionFreeze }, "\(trace)")
            let onset = try #require(freeze.evidence["onset_s"].flatMap(Double.init))
            // Those under way still come in when nobody gets out any more.
            let allowedS = phase == .closing ? 6.0 : 2
            #expect(seen <= onset + Self.stallAfterS + 2 && abs(onset - atS) <= allowedS, "\(trace)")
            #expect(freeze.evidence["class"] == "deadlock_suspected" && freeze.severity == .critical, "\(trace)")
            #expect(freeze.endedS == nil && freeze.evidence["phase"] == phase.name, "\(trace)")
            #expect(!findings.contains { $0.kind == .descriptorLeak || $0.kind == .overload }, "\(trace)")
        }
    }

    @Test func aFreezeComesBeforeTheStallsOfTheSameMoment() throws {
        let run = try SimulatedRun(deadlocked(atS: 12), SimulatedLoad(), seed: 1)
        let kinds = run.diagnose().findings.map(\.kind)
        #expect(kinds.first == .connectionFreeze && kinds.contains(.admissionStall))
    }

    @Test func whatStuckAttemptsLeaveBehindIsNoLeakEvenBeforeTheFreezeIsCertain() throws {
        var server = deadlocked(atS: 12)
        // Each attempt that was given up stays in CLOSE_WAIT; the stall is certain only after 40 s.
        let holds = server.adjust
        server.adjust = { sample, load, random in
            holds(&sample, load, &random)
            sample.descriptorsByKind?["tcp:CLOSE_WAIT"] = 6 * Int(max(0, load.atS - 12))
        }
        var load = SimulatedLoad()
        load.stallAfterMs = 40_000
        load.timeoutS = 45
        load.seconds = 80
        var kinds: Set<Finding.Kind> = []
        try SimulatedRun(server, load, seed: 6).diagnose { _, findings in kinds.formUnion(findings.map(\.kind)) }
        #expect(kinds.contains(.connectionFreeze) && !kinds.contains(.descriptorLeak), "\(kinds)")
    }

    @Test func aComputationWithoutEndIsAnOverload() throws {
        for seed in 0..<UInt64(25) {
            var server = deadlocked(atS: 14, phase: .handshaking)
            server.cores = { load, random in load.atS <= 14 ? 0.3 : .random(in: 0.9...1, using: &random) }
            let (seenS, findings) = try SimulatedRun(server, SimulatedLoad(), seed: seed).firstSeen(.connectionFreeze)
            let freeze = try #require(findings.first { $0.kind == .connectionFreeze })
            #expect((seenS ?? 99) <= 14 + 1 + Self.stallAfterS + 2)
            #expect(freeze.evidence["class"] == "overload" && freeze.severity == .critical, "\(freeze)")
        }
    }

    @Test func aServerThatCannotBeReadLeavesTheClassOpen() throws {
        var server = deadlocked(atS: 14)
        server.adjust = { sample, _, _ in
            sample = ServerSample(source: 0, atS: sample.atS)
        }
        let findings = try SimulatedRun(server, SimulatedLoad(), seed: 3).diagnose().findings
        let freeze = try #require(findings.first { $0.kind == .connectionFreeze })
        #expect(freeze.evidence["class"] == "unknown" && freeze.evidence["against"]?.isEmpty == false)
    }

    @Test func numbersInBetweenAreNoDeadlock() throws {
        var server = deadlocked(atS: 14)
        server.switches = { _, random in random.poisson(3000) }
        let findings = try SimulatedRun(server, SimulatedLoad(), seed: 3).diagnose().findings
        let freeze = try #require(findings.first { $0.kind == .connectionFreeze })
        #expect(freeze.evidence["class"] == "unknown")
        #expect(freeze.evidence["against"]?.contains("switches threads") == true)
    }

    @Test func aStoppedProcessIsPausedAndNoDeadlock() throws {
        for seed in 0..<UInt64(25) {
            var random = SeededRandom(seed &+ 99)
            let lengthS = Double.random(in: 8...14, using: &random)
            var server = deadlocked(atS: 14)
            server.isOpen = { $1 < 14 || $1 > 14 + lengthS }
            server.cores = { load, _ in load.atS > 14 && load.atS <= 14 + lengthS ? 0 : 0.4 }
            server.switches = { load, _ in load.atS > 14 && load.atS <= 14 + lengthS ? 0 : 3000 }
            server.adjust = { sample, load, _ in
                if load.atS > 14, load.atS <= 14 + lengthS { sample.threadsByState = ["T": 8] }
            }
            var load = SimulatedLoad()
            load.timeoutS = .random(in: 4...30, using: &random)
            load.recordsTimings = true
            load.seconds = 40
            var classes: Set<String> = []
            let end = try SimulatedRun(server, load, seed: seed).diagnose { _, findings in
                for freeze in findings where freeze.kind == .connectionFreeze {
                    classes.insert(freeze.evidence["class"] ?? "")
                }
            }
            let freeze = try #require(end.findings.first { $0.kind == .connectionFreeze }, "seed \(seed)")
            #expect(classes == ["paused"] && freeze.severity == .warning && freeze.endedS != nil, "\(seed): \(freeze)")
        }
    }

    @Test func aFullTableMakesTheFreezeExhausted() throws {
        for seed in 0..<UInt64(25) {
            var server = deadlocked(atS: 14, phase: .handshaking)
            server.descriptorLimit = 1024
            server.adjust = { sample, load, random in
                sample.descriptorsByKind?["netlink"] = load.atS > 14 ? 900 : random.poisson(3)
                guard load.atS > 14 else { return }
                sample.descriptors = 1024
                sample.acceptQueue = 129
                sample.acceptQueueLimit = 128
            }
            var run = try SimulatedRun(server, SimulatedLoad(), seed: seed)
            run.add(ServerEvent(source: 0, kind: .acceptFailed, atS: 14.3, detail: "accept4: too many open files"))
            let (seenS, findings) = run.firstSeen(.descriptorExhaustion)
            #expect((seenS ?? 99) <= 14.3 + 3)
            let full = try #require(findings.first { $0.kind == .descriptorExhaustion })
            #expect(full.evidence["fds_by_kind"]?.hasPrefix("netlink 900") == true, "\(full)")
            #expect(full.evidence["fds"] == "1024" && full.evidence["fd_limit"] == "1024" && full.endedS == nil)
            let freeze = try #require(findings.first { $0.kind == .connectionFreeze })
            #expect(freeze.evidence["class"] == "exhausted" && freeze.severity == .critical, "\(freeze)")
        }
    }

    @Test func aFreezeThatFillsTheTableRemainsADeadlock() throws {
        var server = deadlocked(atS: 10)
        let holds = server.adjust
        server.descriptorLimit = 200
        server.adjust = { sample, load, random in
            holds(&sample, load, &random)
            if load.atS > 30 { sample.descriptors = 200 }
        }
        let findings = try SimulatedRun(server, SimulatedLoad(), seed: 5).diagnose().findings
        let freeze = try #require(findings.first { $0.kind == .connectionFreeze })
        #expect(freeze.evidence["class"] == "deadlock_suspected", "\(freeze)")
        #expect(freeze.evidence["exhausted_since_s"] == "31.0")
        #expect(findings.contains { $0.kind == .descriptorExhaustion })
    }

    @Test func slowButPassingOnAFullProcessorIsAnOverload() throws {
        for seed in 0..<UInt64(15) {
            var server = SimulatedServer.healthy()
            server.serviceS = { phase, atS, random in
                phase == .receiving && atS > 10 ? Double.random(in: 1...9, using: &random) : 0.005
            }
            server.cores = { load, random in load.atS <= 10 ? 0.3 : .random(in: 0.93...1, using: &random) }
            var load = SimulatedLoad()
            load.timeoutS = 30
            load.recordsTimings = true
            load.seconds = 40
            let findings = try SimulatedRun(server, load, seed: seed).diagnose().findings
            let overload = try #require(findings.first { $0.kind == .overload }, "seed \(seed): \(findings)")
            #expect(overload.severity == .warning && overload.evidence["busiest"] == "gateway 0", "\(overload)")
            #expect(findings.allSatisfy { $0.severity == .warning }, "seed \(seed): \(findings)")
        }
    }

    @Test func aSingleBusySecondIsNothing() throws {
        var server = SimulatedServer.healthy()
        server.serviceS = { phase, _, random in phase == .receiving ? .random(in: 1...9, using: &random) : 0.005 }
        server.cores = { load, _ in Int(load.atS) % 6 == 0 ? 1 : 0.1 }
        var load = SimulatedLoad()
        load.timeoutS = 30
        let findings = try SimulatedRun(server, load, seed: 1).diagnose().findings
        #expect(!findings.contains { $0.kind == .overload })
    }

    @Test func memoryThatGrowsIsAWarning() throws {
        for seed in 0..<UInt64(10) {
            var server = SimulatedServer.healthy()
            server.adjust = { sample, load, _ in sample.residentKiB? += Int(2048 * max(0, load.atS)) }
            let findings = try SimulatedRun(server, SimulatedLoad(), seed: seed).diagnose().findings
            #expect(findings.map(\.kind) == [.memoryGrowth] && findings.first?.severity == .warning, "\(findings)")
            let slope = try #require(findings.first?.evidence["growth_mib_per_s"].flatMap(Double.init))
            #expect(abs(slope - 2) < 0.2)
        }
    }
}
