import Diagnosis
import LoadMetrics
import Testing

@Suite struct LeakTests {
    private func leaking(
        kind: String, perMessage: Double = 0, perSecond: Double = 0, fromS: Double = 0, flicker: Double = 0
    ) -> (SimulatedServer, leaked: () -> Int) {
        final class Leaked {
            var count = 0
            var messages = 0
        }
        let held = Leaked()
        var server = SimulatedServer.healthy()
        server.adjust = { sample, load, random in
            let messages = load.messages - held.messages
            held.messages = load.messages
            if load.atS > fromS {
                held.count += random.poisson(perMessage * Double(messages) + perSecond)
            }
            sample.descriptorsByKind?[kind, default: 0] += held.count + random.poisson(flicker)
        }
        return (server, { held.count })
    }

    @Test func oneInAHundredMessagesIsFoundWithinThirtySeconds() throws {
        for seed in 0..<UInt64(40) {
            var random = SeededRandom(seed &+ 31)
            let (server, leaked) = leaking(kind: "netlink", perMessage: 0.01, flicker: 1)
            var load = SimulatedLoad()
            load.pauseS = .random(in: 0.03...0.1, using: &random)
            load.betweenS = load.pauseS
            let run = try SimulatedRun(server, load, seed: seed)
            let (seenS, findings) = run.firstSeen(.descriptorLeak)
            let rate = Double(run.last.messages) / 60
            let trace = "seed \(seed) of \(SeededRandom.seed), \(rate) messages/s, found at \(seenS ?? -1): \(findings)"
            let leak = try #require(findings.first, "\(trace)")
            #expect(findings.count == 1 && leak.kind == .descriptorLeak && leak.severity == .critical, "\(trace)")
            #expect((seenS ?? 99) <= 30 && leak.evidence["kind"] == "netlink", "\(trace)")
            let truth = 1000 * Double(leaked()) / Double(run.last.messages)
            let slope = try #require(leak.evidence["slope_per_1000_messages"].flatMap(Double.init))
            #expect(abs(slope - truth) <= 0.1 * truth, "\(trace)")
        }
    }

    @Test(arguments: [0.5, 1, 3, 10, 50], ["netlink", "tcp:CLOSE_WAIT", "pipe", "tcp:ESTABLISHED", "file"])
    func anyRateOfAnyKind(perSecond: Double, kind: String) throws {
        for seed in 0..<UInt64(3) {
            let (server, leaked) = leaking(kind: kind, perSecond: perSecond, flicker: 0.5)
            var load = SimulatedLoad()
            load.accounts = 30
            load.seconds = 120
            let (seenS, findings) = try SimulatedRun(server, load, seed: seed).firstSeen(.descriptorLeak)
            let trace = "seed \(seed) of \(SeededRandom.seed), found at \(seenS ?? -1): \(findings)"
            let leak = try #require(findings.first, "\(trace)")
            #expect(leak.evidence["kind"] == kind && findings.count == 1 && leak.severity == .critical, "\(trace)")
            #expect((seenS ?? 999) <= (perSecond < 3 ? 90 : 31), "\(trace)")
            let slope = try #require(leak.evidence["slope_per_s"].flatMap(Double.init))
            let truth = Double(leaked()) / 120
            // Leaks that come at random are no straight line: their own scatter is allowed for.
            let scatter = Double(leaked()).squareRoot() / 120
            #expect(abs(slope - truth) <= 0.1 * truth + scatter, "\(truth): \(trace)")
        }
    }

    @Test func aLeakThatBeginsLater() throws {
        for seed in 0..<UInt64(10) {
            let (server, _) = leaking(kind: "eventfd", perSecond: 5, fromS: 50)
            var load = SimulatedLoad()
            load.seconds = 110
            load.accounts = 30
            let (seenS, findings) = try SimulatedRun(server, load, seed: seed).firstSeen(.descriptorLeak)
            let leak = try #require(findings.first, "seed \(seed)")
            #expect((seenS ?? 999) <= 80 && leak.evidence["kind"] == "eventfd", "seed \(seed): \(findings)")
            let slope = try #require(leak.evidence["slope_per_s"].flatMap(Double.init))
            #expect(abs(slope - 5) <= 1.25, "seed \(seed): \(findings)")
        }
    }

    @Test func timeLeftToTheLimit() throws {
        var (server, _) = leaking(kind: "pipe", perSecond: 10)
        server.descriptorLimit = 4096
        let run = try SimulatedRun(server, SimulatedLoad(), seed: 1)
        let leak = try #require(run.diagnose().findings.first)
        let fds = try #require(leak.evidence["fds"].flatMap(Double.init))
        let leftS = try #require(leak.evidence["limit_reached_in_s"].flatMap(Double.init))
        #expect(abs(leftS - (4096 - fds) / 10) <= 0.1 * leftS && leak.evidence["fd_limit"] == "4096")
        #expect(leak.summary.contains("pipe") && leak.summary.contains("the limit of 4096 is"))
    }

    @Test func whatLevelsOffUnderLoadIsTakenBack() throws {
        var server = SimulatedServer.healthy()
        // As steady as any leak for 40 s, and then at rest.
        server.adjust = { sample, load, _ in sample.descriptorsByKind?["pipe"] = Int(4 * min(40, max(0, load.atS))) }
        var load = SimulatedLoad()
        load.accounts = 20
        load.seconds = 140
        let findings = try SimulatedRun(server, load, seed: 1).diagnose().findings
        #expect(findings.map(\.kind) == [.descriptorLeak] && findings.first?.severity == .warning, "\(findings)")
        #expect(findings.first?.endedS != nil && findings.first?.evidence["levelled_off_at_s"] != nil)
    }

    @Test func aLeakThatReachesTheLimitKeepsItsFinding() throws {
        var (server, _) = leaking(kind: "netlink", perSecond: 20)
        server.descriptorLimit = 1000
        let grow = server.adjust
        server.adjust = { sample, load, random in
            grow(&sample, load, &random)
            let all = sample.descriptorsByKind?.values.reduce(0, +) ?? 0
            sample.descriptorsByKind?["netlink"]? -= max(0, all - 1000)
        }
        var load = SimulatedLoad()
        load.seconds = 120
        let findings = try SimulatedRun(server, load, seed: 1).diagnose().findings
        #expect(findings.contains { $0.kind == .descriptorLeak && $0.severity == .critical && $0.endedS == nil })
        #expect(findings.contains { $0.kind == .descriptorExhaustion }, "\(findings)")
    }

    @Test func connectionsThatOnlyTheServerHolds() throws {
        for seed in 0..<UInt64(10) {
            var server = SimulatedServer.healthy()
            server.role = seed.isMultiple(of: 2) ? .gateway : .watched
            server.adjust = { sample, load, _ in
                sample.connections?["ESTABLISHED"]? += load.disconnects / 20
                sample.descriptorsByKind?["tcp:ESTABLISHED"]? += load.disconnects / 20
            }
            let findings = try SimulatedRun(server, SimulatedLoad(), seed: seed).diagnose().findings
            let leak = try #require(findings.first, "seed \(seed)")
            #expect(findings.count == 1 && leak.evidence["kind"] == "tcp:ESTABLISHED (ghosts)", "\(findings)")
            let slope = try #require(leak.evidence["slope_per_1000_disconnects"].flatMap(Double.init))
            #expect(abs(slope - 50) <= 5, "\(leak)")
        }
    }

    @Test func otherPeoplesConnectionsAreNoGhosts() throws {
        var server = SimulatedServer.healthy()
        server.role = .watched
        server.adjust = { sample, load, _ in
            let others = 200 + Int(3 * max(0, load.atS))
            sample.connections?["ESTABLISHED"]? += others
            sample.descriptorsByKind?["tcp:ESTABLISHED"]? += others
        }
        #expect(try SimulatedRun(server, SimulatedLoad(), seed: 2).diagnose().findings.isEmpty)
    }

    @Test func withoutKindsTheSumIsJudged() throws {
        let (server, _) = leaking(kind: "netlink", perSecond: 6)
        var blind = server
        blind.adjust = { sample, load, random in
            server.adjust(&sample, load, &random)
            sample.descriptors = sample.descriptorsByKind?.values.reduce(0, +)
            sample.descriptorsByKind = nil
            sample.connections = nil
            sample.pid = nil
        }
        let findings = try SimulatedRun(blind, SimulatedLoad(), seed: 2).diagnose().findings
        #expect(findings.first?.evidence["kind"] == "any kind", "\(findings)")
    }

    /// Of a large process the kinds are counted only now and then.
    @Test(arguments: [2, 4])
    func kindsMayBeKnownNowAndThen(every stride: Int) throws {
        let (server, _) = leaking(kind: "netlink", perSecond: 6)
        var large = server
        large.adjust = { sample, load, random in
            server.adjust(&sample, load, &random)
            sample.descriptors = sample.descriptorsByKind?.values.reduce(0, +)
            if Int(sample.atS.rounded()) % stride != 0 {
                sample.descriptorsByKind = nil
                sample.connections = nil
            }
        }
        let findings = try SimulatedRun(large, SimulatedLoad(), seed: 3).diagnose().findings
        #expect(findings.map(\.kind) == [.descriptorLeak], "\(findings)")
        #expect(findings.first?.evidence["kind"] == "netlink", "\(findings)")
    }

    @Test func watchingAloneFindsALeakToo() {
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        diagnostician.observe(WatchedSource(number: 0, kind: .process, role: .watched, name: "pid 9", pid: 9))
        for second in 0..<60 {
            var sample = ServerSample(source: 0, atS: Double(second))
            sample.descriptorsByKind = ["file": 20 + 2 * second]
            sample.descriptors = 20 + 2 * second
            diagnostician.observe(sample)
        }
        #expect(diagnostician.findings.map(\.kind) == [.descriptorLeak])
        #expect(diagnostician.findings.first?.evidence["slope_per_s"] == "2.00")
    }
}
