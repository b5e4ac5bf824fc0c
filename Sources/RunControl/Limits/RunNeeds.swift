package import LoadPlan

/// What a plan needs of this machine, and how it is laid out to get it.
package struct RunNeeds: Codable, Equatable, Sendable {
    /// Descriptors a shard holds besides its connections: standard streams, epoll, control, and room to spare.
    static let shardReserve = 16
    /// The same for a bundled gateway process: event loops, listeners, log.
    static let gatewayReserve = 40
    /// From this many clients a further shard is worth its process, while there are processors.
    static let clientsPerShard = 1000
    /// Measured resident memory of an idle account without TLS, rounded up, and with it (OpenSSL's state).
    static let accountKiB = 1
    static let tlsAccountKiB = 48
    /// Resident memory of an idle connection in a bundled gateway process, rounded up.
    static let gatewayConnectionKiB = 8
    /// Share of a source address's ports to use at most. Linux looks for a free one by trying ports of one parity from a random
    /// start (__inet_hash_connect), so from about half of them on, each connect tries thousands: measured, six seconds' pause.
    static let portShare = 0.3
    /// Most shards or gateway processes that are started unasked.
    package static let mostProcesses = 256

    /// Connections that all clients can have at once: one each, and those they have abandoned.
    package var connections: Int
    package var clients: Int
    package var shards: Int
    package var descriptorsPerShard: Int
    /// Processes of the bundled gateway; 0 with another target.
    package var gateways: Int
    package var sources: [String]
    package var portsPerSource: Int
    package var memoryKiB: Int
    /// Connects a second while clients start.
    package var startsPerSecond: Int

    /// Lays the plan out on a machine with `limits`. `shards` and `gateways` as asked for by the user, nil: as needed.
    package init(
        plan: Plan, target: TargetURL?, isLoopback: Bool, isIPv6: Bool, limits: MachineLimits, shards: Int?,
        gateways: Int?
    ) {
        let clients = plan.accounts.clients
        let count = plan.connectionsAtMost
        // A shard holds all connections of its clients.
        let perClient = count / max(clients, 1)
        self.clients = clients
        connections = count
        let room = max((limits.descriptorsPerProcess - Self.shardReserve) / max(perClient, 1), 1)
        let forDescriptors = (clients + room - 1) / room
        let forProcessors = min(limits.processors, (clients + Self.clientsPerShard - 1) / Self.clientsPerShard)
        self.shards = min(max(shards ?? max(forDescriptors, forProcessors, 1), 1), max(clients, 1))
        descriptorsPerShard = (clients + self.shards - 1) / self.shards * perClient + Self.shardReserve
        self.gateways =
            plan.target == .bundled
            ? gateways ?? plan.gateway.processes ?? Self.gateways(connections: count, limits: limits) : 0

        sources = target?.sources ?? []
        let quickPorts = max(Int(Double(limits.ephemeralPorts) * Self.portShare), 1)
        if sources.isEmpty, isLoopback, !isIPv6, count > quickPorts {
            // Every address of 127.0.0.0/8 is local: spread the ports over as many as it takes.
            sources = (1...min(count / quickPorts + 1, 254)).map { "127.0.0.\($0)" }
        }
        portsPerSource = (count + max(sources.count, 1) - 1) / max(sources.count, 1)
        let perAccount = target?.isSecure == true ? Self.tlsAccountKiB : Self.accountKiB
        memoryKiB = count * (perAccount + (plan.target == .bundled ? Self.gatewayConnectionKiB : 0))
        let rampSeconds = max(plan.load.ramp / .seconds(1), 0.001)
        startsPerSecond = Int(min(Double(clients) / rampSeconds, 1e9))
    }

    /// SO_REUSEPORT spreads connections by a hash, so that a process gets more than its even share: four standard deviations more.
    private static func gateways(connections: Int, limits: MachineLimits) -> Int {
        // Nor so near the limit that it would be called exhausted.
        let reserve = max(gatewayReserve, limits.descriptorsPerProcess / 20)
        let room = Double(max(limits.descriptorsPerProcess - reserve, 1))
        for processes in 1...mostProcesses {
            let share = Double(connections) / Double(processes)
            if share + 4 * share.squareRoot() <= room || (processes == 1 && share <= room) { return processes }
        }
        return mostProcesses
    }
}

/// A limit that a plan does not fit into, or comes close to.
package struct LimitProblem: Equatable, Sendable, CustomStringConvertible {
    package var isFatal: Bool
    package var message: String
    /// What to change.
    package var advice: String

    package var description: String { "\(message); \(advice)" }
}

extension RunNeeds {
    /// What stands in the way; fatal problems first.
    package func problems(_ limits: MachineLimits) -> [LimitProblem] {
        var problems: [LimitProblem] = []
        func add(_ isFatal: Bool, _ message: String, _ advice: String) {
            problems.append(LimitProblem(isFatal: isFatal, message: message, advice: advice))
        }
        if descriptorsPerShard > limits.descriptorsPerProcess {
            let most = max(limits.descriptorsPerProcess - Self.shardReserve, 0) / max(connections / max(clients, 1), 1)
            add(
                true,
                "\(connections) connections in \(shards) shard(s) need \(descriptorsPerShard) descriptors each, a process may have \(limits.descriptorsPerProcess)",
                most > 0
                    ? "use --shards \((clients + most - 1) / most) or raise the limit (ulimit -Hn, LimitNOFILE=)"
                    : "raise the limit (ulimit -Hn, LimitNOFILE=)")
        }
        if shards > Self.mostProcesses {
            add(
                true, "\(shards) shards are needed for \(connections) connections",
                "raise the limit of descriptors (ulimit -Hn), so that fewer do")
        }
        if portsPerSource > limits.ephemeralPorts {
            add(
                true,
                "\(connections) connections need \(portsPerSource) local ports per source address, there are \(limits.ephemeralPorts) (\(limits.firstEphemeralPort)–\(limits.lastEphemeralPort))",
                "list more local addresses in the profile (target: {url: …, sources: [..]}) or widen net.ipv4.ip_local_port_range"
            )
        }
        if portsPerSource <= limits.ephemeralPorts, Double(portsPerSource) > Double(limits.ephemeralPorts) * 0.5 {
            add(
                false,
                "\(portsPerSource) of \(limits.ephemeralPorts) local ports per source address: the kernel searches long for the last ones, connects become slow and the generator late",
                "list more local addresses in the profile (target: {url: …, sources: [..]})")
        }
        if connections + connections * min(gateways, 1) > limits.descriptorsOfSystem {
            add(true, "fs.file-max allows \(limits.descriptorsOfSystem) open files", "raise it: sysctl fs.file-max=…")
        }
        if memoryKiB > limits.availableMemoryKiB {
            add(
                true, "about \(memoryKiB / 1024) MiB are needed, \(limits.availableMemoryKiB / 1024) MiB are available",
                "use fewer accounts or more memory")
        }
        if let tracked = limits.trackedConnections, connections > tracked {
            add(true, "the firewall tracks at most \(tracked) connections", "raise net.netfilter.nf_conntrack_max")
        }
        // However fast they start, no more than all of them wait.
        if clients > limits.acceptBacklog, startsPerSecond > limits.acceptBacklog * 10 {
            add(
                false,
                "\(startsPerSecond) connects a second at the start may overflow an accept queue of \(limits.acceptBacklog)",
                "use a longer ramp (load: {ramp: …}) or raise net.core.somaxconn")
        }
        return problems
    }
}
