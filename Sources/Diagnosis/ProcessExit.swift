/// A process that belongs to the run ended although nobody asked it to.
package struct ProcessExit: Codable, Equatable, Sendable {
    package enum Role: String, Codable, CaseIterable, Sendable {
        /// One of ours: what it would have measured is missing.
        case shard
        /// Of the bundled stack.
        case gateway
        /// The message service of the bundled stack.
        case messages
        /// The load balancer of the bundled stack.
        case proxy
        /// The user's own server, watched from outside.
        case watched
    }

    package var role: Role
    /// Which one of its role, from 0.
    package var number: Int
    package var pid: Int32
    /// Seconds since the run's start.
    package var atS: Double
    /// How, in words: `exit status 1`, `killed by signal 9 (SIGKILL)`.
    package var reason: String

    package init(role: Role, number: Int, pid: Int32, atS: Double, reason: String) {
        self.role = role
        self.number = number
        self.pid = pid
        self.atS = atS
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case role, number, pid, atS = "at_s", reason
    }

    /// Such as `shard 2`.
    package var name: String {
        switch role {
        case .shard, .gateway: "\(role.rawValue) \(number)"
        case .messages: "the message service"
        case .proxy: "the load balancer"
        case .watched: "watched process \(number)"
        }
    }

    var finding: Finding {
        let missing =
            role == .shard ? "; what its accounts did afterwards is missing from the report" : ""
        return Finding(
            kind: .processExit, severity: .critical, onsetS: atS,
            summary: "\(name) (pid \(pid)) ended during the run: \(reason)\(missing)",
            evidence: ["role": role.rawValue, "name": name, "pid": String(pid), "reason": reason])
    }
}
