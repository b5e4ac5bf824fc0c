import Diagnosis
import LoadMetrics
import Testing

/// No false alarm: series of servers that are sound, slow, bursty or limited, hundreds of seeds over all.
@Suite struct HealthyServerTests {
    private static let seeds = 0..<UInt64(40)

    private static let stalls: [Finding.Kind] = [.replyStall, .admissionStall, .closeStall, .handshakeStall]

    /// Runs every seed, and names those in which anything but what is allowed was ever found.
    private func expectPeace(
        _ seeds: Range<UInt64> = Self.seeds, allowing allowed: [Finding.Kind] = [],
        warnings: [Finding.Kind] = [],
        _ make: (inout SeededRandom) -> (SimulatedServer, SimulatedLoad)
    ) throws {
        for seed in seeds {
            var random = SeededRandom(seed &+ 1_000_003)
            let (server, load) = make(&random)
            var seen: [Finding] = []
            try SimulatedRun(server, load, seed: seed).diagnose { _, findings in
                let grave = findings.filter {
                    !allowed.contains($0.kind) && !($0.severity == .warning && warnings.contains($0.kind))
                }
                if seen.isEmpty { seen = grave }
            }
            #expect(seen.isEmpty, "seed \(seed) of \(SeededRandom.seed): \(seen)")
        }
    }

    @Test func churn() throws {
        try expectPeace { random in
            var load = SimulatedLoad()
            load.accounts = .random(in: 5...100, using: &random)
            load.pauseS = .random(in: 0.05...0.5, using: &random)
            return (.healthy(), load)
        }
    }

    @Test func slowServer() throws {
        try expectPeace(allowing: Self.stalls) { random in
            var server = SimulatedServer.healthy()
            let meanS = Double.random(in: 0.2...3, using: &random)
            server.serviceS = { _, _, random in random.exponential(mean: meanS) }
            var load = SimulatedLoad()
            load.timeoutS = 30
            return (server, load)
        }
    }

    @Test func burstsAndPauses() throws {
        try expectPeace { random in
            let periodS = Double.random(in: 4...20, using: &random)
            let share = Double.random(in: 0.2...0.8, using: &random)
            var load = SimulatedLoad()
            load.isActive = { $0.truncatingRemainder(dividingBy: periodS) < share * periodS }
            return (.healthy(), load)
        }
    }

    @Test func pausesOfTheCollector() throws {
        try expectPeace { random in
            var server = SimulatedServer.healthy()
            let periodS = Double.random(in: 6...15, using: &random)
            let lengthS = Double.random(in: 1...3, using: &random)
            server.isOpen = { _, atS in atS.truncatingRemainder(dividingBy: periodS) >= lengthS }
            return (server, SimulatedLoad())
        }
    }

    @Test func connectionLimit() throws {
        try expectPeace { random in
            var server = SimulatedServer.healthy()
            let most = Int.random(in: 5...40, using: &random)
            server.refuses = { _, admitted in admitted >= most }
            var load = SimulatedLoad()
            load.pauseS = .random(in: 0.1...6, using: &random)
            return (server, load)
        }
    }

    @Test func idleServerAndIdleAccounts() throws {
        try expectPeace { random in
            var load = SimulatedLoad()
            load.accounts = .random(in: 1...50, using: &random)
            load.messagesPerSession = 1000
            load.pauseS = .random(in: 10...100, using: &random)
            return (.healthy(), load)
        }
    }

    @Test func longRamp() throws {
        try expectPeace(0..<8) { random in
            var load = SimulatedLoad()
            load.accounts = 1000
            load.rampS = .random(in: 20...58, using: &random)
            load.messagesPerSession = 1000
            load.pauseS = 3
            var server = SimulatedServer.healthy()
            // What each account brings along besides its connection.
            let upstream = Int.random(in: 0...2, using: &random)
            server.adjust = { sample, load, _ in
                sample.descriptorsByKind?["tcp:ESTABLISHED", default: 0] += upstream * load.connected
                sample.descriptorsByKind?["eventfd", default: 0] += load.connected
                sample.residentKiB? += 200 * load.connected
            }
            return (server, load)
        }
    }

    @Test func poolsThatLevelOff() throws {
        try expectPeace { random in
            var server = SimulatedServer.healthy()
            let size = Double.random(in: 8...200, using: &random)
            let timeS = Double.random(in: 0.5...6, using: &random)
            let startS = Double.random(in: 0...30, using: &random)
            server.adjust = { sample, load, random in
                var grown = 0.0
                var left = 1.0
                for _ in 0..<Int(max(0, load.atS - startS)) { left *= 1 - min(1, 1 / timeS) }
                grown = load.atS > startS ? size * (1 - left) : 0
                sample.descriptorsByKind?["tcp:ESTABLISHED", default: 0] += Int(grown) + random.poisson(1)
                sample.descriptorsByKind?["eventfd", default: 0] += min(8, Int(max(0, load.atS)))
                sample.residentKiB? += Int(400 * grown)
            }
            return (server, SimulatedLoad())
        }
    }

    @Test func transientDescriptorsAndCloseWaitsThatDrain() throws {
        try expectPeace { random in
            var server = SimulatedServer.healthy()
            let flicker = Double.random(in: 1...60, using: &random)
            // What rises for longer than the rule's stretch is told from a leak by its first return only.
            let periodS = Double.random(in: 5...18, using: &random)
            let height = Double.random(in: 5...200, using: &random)
            server.adjust = { sample, load, random in
                let phase = max(0, load.atS).truncatingRemainder(dividingBy: periodS) / periodS
                sample.descriptorsByKind?["netlink"] = random.poisson(flicker)
                sample.descriptorsByKind?["tcp:CLOSE_WAIT"] = Int(phase * height)
                sample.connections?["CLOSE_WAIT"] = Int(phase * height)
            }
            return (server, SimulatedLoad())
        }
    }

    @Test func populationsThatWander() throws {
        try expectPeace { random in
            // Upstream connections that come and go by themselves: a queue with no limit, long stays.
            let level = Double.random(in: 5...400, using: &random)
            let stayS = Double.random(in: 5...60, using: &random)
            var there = Int(level)
            var server = SimulatedServer.healthy()
            server.adjust = { sample, _, random in
                there += random.poisson(level / stayS) - min(there, random.poisson(Double(there) / stayS))
                sample.descriptorsByKind?["tcp:ESTABLISHED", default: 0] += there
            }
            var load = SimulatedLoad()
            load.accounts = 20
            load.seconds = 150
            return (server, load)
        }
    }

    @Test func restart() throws {
        try expectPeace { random in
            var server = SimulatedServer.healthy()
            let atS = Double.random(in: 10...50, using: &random)
            server.isOpen = { _, nowS in nowS < atS || nowS > atS + 2 }
            server.adjust = { sample, load, _ in
                guard load.atS > atS + 1 else { return }
                sample.pid = 200
                sample.userCPUSeconds = 0.1 * (load.atS - atS)
                sample.voluntarySwitches = Int(1000 * (load.atS - atS))
                // A new process warms up.
                sample.descriptorsByKind?["file"] = 12 + min(20, Int(10 * (load.atS - atS)))
            }
            return (server, SimulatedLoad())
        }
    }

    @Test func aLateGeneratorIsNotTheServersFault() throws {
        try expectPeace(allowing: [.generatorLimited], warnings: Self.stalls) { random in
            var server = SimulatedServer.healthy()
            let startS = Double.random(in: 10...30, using: &random).rounded()
            // Nothing is read for 15 s, and what has piled up takes two more: it looks as if nobody passed.
            server.isOpen = { _, nowS in nowS < startS || nowS > startS + 17.8 }
            var load = SimulatedLoad()
            load.lagUs = { Double($0) >= startS && Double($0) <= startS + 15 ? 900_000 : 300 }
            return (server, load)
        }
    }
}
