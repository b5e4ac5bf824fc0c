/// One limit of the machine in the words of `gatecrash doctor`.
package struct LimitCheck: Sendable {
    package let name: String
    package let value: String
    /// What it allows, in accounts where it can be said so.
    package let allows: String
    /// How to lift it; nil when there is nothing to lift.
    package let change: String?

    /// Every limit that has ever stopped a load generator, in the order in which they are met.
    package static func all(_ limits: MachineLimits) -> [LimitCheck] {
        let perShard = max(limits.descriptorsPerProcess - RunNeeds.shardReserve, 0)
        var checks = [
            LimitCheck(
                name: "descriptors per process (RLIMIT_NOFILE)",
                value: "soft \(limits.descriptorsSoft), hard \(limits.descriptorsPerProcess)",
                allows:
                    "\(perShard) accounts in a shard; gatecrash raises itself to the hard limit and starts as many shards as the accounts need",
                change: "ulimit -Hn N as root, LimitNOFILE= in systemd, --ulimit nofile= in docker"),
            LimitCheck(
                name: "descriptors of the system (fs.file-max)", value: shown(limits.descriptorsOfSystem),
                allows: "\(shown(limits.descriptorsOfSystem)) accounts, half of that with the server on this machine",
                change: "sysctl fs.file-max=N"),
            LimitCheck(
                name: "ephemeral ports (net.ipv4.ip_local_port_range)",
                value: "\(limits.firstEphemeralPort)–\(limits.lastEphemeralPort), \(limits.ephemeralPorts) free to use",
                allows: "\(limits.ephemeralPorts) accounts online at once per source address and target",
                change:
                    "list local addresses in the profile (target: {url: …, sources: [..]}); for 127.0.0.0/8 gatecrash does so itself; or sysctl net.ipv4.ip_local_port_range=\"1024 65535\""
            ),
            LimitCheck(
                name: "ports in TIME_WAIT (net.ipv4.tcp_tw_reuse)", value: "\(limits.timeWaitReuse)",
                allows: timeWait(limits), change: limits.timeWaitReuse == 1 ? nil : "sysctl net.ipv4.tcp_tw_reuse=1"),
            LimitCheck(
                name: "accept queue (net.core.somaxconn)", value: "\(limits.acceptBacklog)",
                allows:
                    "\(limits.acceptBacklog) connections that the server has not accepted yet; a longer ramp needs fewer",
                change: "sysctl net.core.somaxconn=N on the server's machine, and the server's own backlog"),
            LimitCheck(
                name: "memory",
                value: "\(limits.availableMemoryKiB / 1024) of \(limits.totalMemoryKiB / 1024) MiB available",
                allows:
                    "about \(limits.availableMemoryKiB / RunNeeds.accountKiB) accounts without TLS, \(limits.availableMemoryKiB / RunNeeds.tlsAccountKiB) with it, \(limits.availableMemoryKiB / (RunNeeds.accountKiB + RunNeeds.gatewayConnectionKiB)) with the bundled gateway beside them",
                change: nil),
            LimitCheck(
                name: "processors", value: "\(limits.processors)",
                allows: "\(limits.processors) busy shards; a server on this machine needs some of them too", change: nil
            ),
        ]
        if let tracked = limits.trackedConnections {
            checks.append(
                LimitCheck(
                    name: "tracked connections (net.netfilter.nf_conntrack_max)", value: "\(tracked)",
                    allows: "\(tracked) connections, those in TIME_WAIT included",
                    change: "sysctl net.netfilter.nf_conntrack_max=N, or no tracking for the target's port"))
        }
        return checks
    }

    private static func timeWait(_ limits: MachineLimits) -> String {
        let rate = limits.ephemeralPorts / 60
        let reused = "reuse of ports after one second: no limit to speak of"
        switch limits.timeWaitReuse {
        case 1: return reused
        case 2: return "on loopback \(reused); elsewhere \(rate) connects a second if we close first, which we do not"
        default: return "\(rate) connects a second if we close first, which we do not"
        }
    }

    private static func shown(_ number: Int) -> String {
        number > 1_000_000_000_000 ? "unlimited" : "\(number)"
    }
}
