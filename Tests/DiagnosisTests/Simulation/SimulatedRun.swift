import Diagnosis
import LoadMetrics

/// A run of simulated accounts against a simulated server: the recorded series that a diagnostician is shown.
struct SimulatedRun {
    enum Observation {
        case group(IntervalGroup)
        case sample(ServerSample)
        case event(ServerEvent)
    }

    private(set) var observations: [(arrivesS: Double, what: Observation)] = []
    let source: WatchedSource
    let load: SimulatedLoad
    /// Truth about the server at the end.
    private(set) var last = SimulatedServer.Load(
        atS: 0, connected: 0, messages: 0, disconnects: 0, abandoned: 0, admitted: 0, eventsInSecond: 0)

    init(_ server: SimulatedServer, _ load: SimulatedLoad, seed: UInt64) throws {
        var random = SeededRandom(seed)
        self.load = load
        source = WatchedSource(
            number: 0, kind: .process, role: server.role, name: "gateway 0", pid: 100,
            descriptorLimit: server.descriptorLimit, port: 10_001)
        var accounts = SimulatedAccounts(load, random: &random)
        var cpuS = 0.0
        var switches = 0
        for second in -1..<load.seconds {
            if second >= 0 {
                let group = try accounts.run(second: second, server, load, &random)
                observations.append((Double(second) + 1.002, .group(group)))
            }
            last = accounts.seen(atS: Double(second) + 1)
            cpuS += max(0, server.cores(last, &random))
            switches += server.switches(last, &random)
            var sample = ServerSample(source: 0, atS: Double(second) + 1)
            sample.pid = 100
            sample.userCPUSeconds = 0.8 * cpuS
            sample.systemCPUSeconds = 0.2 * cpuS
            sample.voluntarySwitches = switches
            sample.involuntarySwitches = 7
            sample.threads = 8
            sample.threadsByState = ["S": 7, "R": 1]
            sample.residentKiB = 80_000 + 20 * last.connected + random.poisson(100)
            let upstream = 4
            let established = max(0, last.connected + Int.random(in: -1...1, using: &random))
            sample.connections = ["ESTABLISHED": established, "CLOSE_WAIT": 0]
            sample.descriptorsByKind = [
                "tcp:ESTABLISHED": established + upstream, "tcp:LISTEN": 1, "eventpoll": 3, "eventfd": 3, "file": 12,
                "netlink": random.poisson(0.4), "pipe": 2,
            ]
            sample.descriptorLimit = server.descriptorLimit
            server.adjust(&sample, last, &random)
            if sample.descriptors == nil { sample.descriptors = sample.descriptorsByKind?.values.reduce(0, +) }
            observations.append((sample.atS + Double.random(in: 0...1.2, using: &random), .sample(sample)))
        }
    }

    mutating func add(_ event: ServerEvent) {
        observations.append((event.atS + 0.3, .event(event)))
    }

    /// Shows a diagnostician everything in the order of arrival.
    ///
    /// - Parameter each: called after each second's group with what is found so far.
    /// - Returns: what is found in the end.
    @discardableResult
    func diagnose(shuffled seed: UInt64? = nil, each: (Double, [Finding]) -> Void = { _, _ in }) -> Diagnostician {
        var diagnostician = Diagnostician(stallAfterMs: load.stallAfterMs, processors: load.processors)
        diagnostician.observe(source)
        var arrivals = observations
        if let seed {
            var random = SeededRandom(seed)
            arrivals = arrivals.map { arrival in
                guard case .sample(let sample) = arrival.what else { return arrival }
                return (sample.atS + Double.random(in: -0.99...1.9, using: &random), arrival.what)
            }
        }
        for arrival in arrivals.sorted(by: { $0.arrivesS < $1.arrivesS }) {
            switch arrival.what {
            case .group(let group):
                diagnostician.observe(group)
                each(arrival.arrivesS, diagnostician.findings)
            case .sample(let sample): diagnostician.observe(sample)
            case .event(let event): diagnostician.observe(event)
            }
        }
        return diagnostician
    }

    /// When a finding of the kind was first there, seconds; and all findings of the end.
    func firstSeen(_ kind: Finding.Kind, where isMeant: (Finding) -> Bool = { _ in true }) -> (
        seenS: Double?, findings: [Finding]
    ) {
        var seenS: Double?
        let end = diagnose { atS, findings in
            if seenS == nil, findings.contains(where: { $0.kind == kind && isMeant($0) }) { seenS = atS }
        }
        return (seenS, end.findings)
    }
}
