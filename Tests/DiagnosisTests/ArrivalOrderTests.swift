import Diagnosis
import LoadMetrics
import Testing

/// What is found in the end does not depend on which of samples and seconds came first.
@Suite struct ArrivalOrderTests {
    private func frozen() -> SimulatedServer {
        var server = SimulatedServer.healthy()
        server.isOpen = { $0 != .admitting || $1 < 15 || $1 > 27 }
        server.cores = { load, _ in load.atS <= 15 ? 0.4 : 0.003 }
        server.switches = { load, _ in load.atS <= 15 ? 3000 : 20 }
        return server
    }

    private func leaking() -> SimulatedServer {
        var server = SimulatedServer.healthy()
        server.descriptorLimit = 300
        server.adjust = { sample, load, _ in
            sample.descriptorsByKind?["pipe"] = min(210, max(0, 5 * Int(load.atS)))
            sample.residentKiB? += 2000 * Int(load.atS)
            sample.accountsOnline = load.admitted + 3
        }
        return server
    }

    private func busy() -> SimulatedServer {
        var server = SimulatedServer.healthy()
        server.serviceS = { phase, _, random in phase == .receiving ? .random(in: 1...9, using: &random) : 0.005 }
        server.cores = { load, _ in load.atS > 20 ? 0.97 : 0.4 }
        return server
    }

    @Test func samplesMayComeEarlyOrLate() throws {
        for server in [frozen(), leaking(), busy()] {
            var load = SimulatedLoad()
            load.timeoutS = 20
            var run = try SimulatedRun(server, load, seed: 4)
            run.add(ServerEvent(source: 0, kind: .acceptFailed, atS: 44, detail: "EMFILE"))
            let first = run.diagnose(shuffled: 0)
            #expect(!first.findings.isEmpty)
            for seed in 1..<UInt64(12) {
                let other = run.diagnose(shuffled: seed)
                #expect(other.findings == first.findings, "order \(seed) of \(SeededRandom.seed)")
                #expect(other.serverCount == first.serverCount)
            }
        }
    }

    @Test func severalSourcesMayInterleaveAndHaveGaps() throws {
        var server = frozen()
        server.isOpen = { $0 != .admitting || $1 < 15 }
        let run = try SimulatedRun(server, SimulatedLoad(), seed: 4)
        var random = SeededRandom(8)
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        for number in 0..<3 {
            var source = run.source
            (source.number, source.name, source.pid) = (number, "gateway \(number)", Int32(100 + number))
            diagnostician.observe(source)
        }
        for arrival in run.observations.sorted(by: { $0.arrivesS < $1.arrivesS }) {
            switch arrival.what {
            case .group(let group): diagnostician.observe(group)
            case .event(let event): diagnostician.observe(event)
            case .sample(var sample):
                for number in [2, 0, 1] where Int.random(in: 0..<5, using: &random) > 0 {
                    (sample.source, sample.pid) = (number, Int32(100 + number))
                    diagnostician.observe(sample)
                }
            }
        }
        let freezes = diagnostician.findings.filter { $0.kind == .connectionFreeze }
        #expect(freezes.map { $0.evidence["class"] } == ["deadlock_suspected"], "\(diagnostician.findings)")
    }
}
