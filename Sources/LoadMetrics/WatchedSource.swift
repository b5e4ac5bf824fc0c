/// Something that is watched during a run: a process of this machine, or a metrics address.
///
/// Sources are numbered from 0 in the order in which they were named; samples refer to the number.
package struct WatchedSource: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// Read from /proc.
        case process
        /// Prometheus text over HTTP.
        case url
    }

    package enum Role: String, Codable, CaseIterable, Sendable {
        /// Of the bundled stack.
        case gateway
        /// The message service of the bundled stack.
        case messages
        /// The load balancer of the bundled stack.
        case proxy
        /// The user's own server.
        case watched
    }

    package var number: Int
    package var kind: Kind
    package var role: Role
    /// For people: `gateway 0`, `pid 4711`, `port 8080`, `http://10.0.0.7:9100/metrics`.
    package var name: String
    /// Of a process; a restarted one has a new pid and is announced again under the same number.
    package var pid: Int32?
    /// The command line, cut to a readable length.
    package var command: String?
    /// RLIMIT_NOFILE (soft) of the process when first seen.
    package var descriptorLimit: Int?
    /// TCP port whose connections count as explained: where the load arrives at this process.
    package var port: Int?

    package init(
        number: Int, kind: Kind, role: Role, name: String, pid: Int32? = nil, command: String? = nil,
        descriptorLimit: Int? = nil, port: Int? = nil
    ) {
        self.number = number
        self.kind = kind
        self.role = role
        self.name = name
        self.pid = pid
        self.command = command
        self.descriptorLimit = descriptorLimit
        self.port = port
    }

    private enum CodingKeys: String, CodingKey {
        case number, kind, role, name, pid, command, descriptorLimit = "descriptor_limit", port
    }
}
