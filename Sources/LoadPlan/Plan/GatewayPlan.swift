/// How the bundled gateway is started for a run.
///
/// What is nil is left to the gateway's own defaults.
package struct GatewayPlan: Codable, Equatable, Sendable {
    /// What happens when an account logs in that is online already; the names are the gateway's own.
    package enum LoginPolicy: String, Codable, CaseIterable, Sendable {
        /// The older login is closed with 4001.
        case kickOlder
        /// Both stay.
        case allowAll
    }

    /// Gateway processes that share the port; nil: as many as the accounts need.
    package var processes: Int?
    /// A load balancer stands in front of them, as a process of its own.
    package var proxy: Bool
    /// A message service answers for them, as a process of its own.
    package var messages: Bool
    /// `NAME` or `NAME:k=v,…`, of good shape; the names are known to the gateway.
    package var defects: [String]
    package var loginPolicy: LoginPolicy?
    /// Event-loop threads of each gateway process.
    package var threads: Int?
    /// Places in each of the registry's queues.
    package var queueCapacity: Int?
    /// Time that registering one login takes.
    package var registrationDelay: Duration?
    /// RLIMIT_NOFILE of each bundled process, soft and hard.
    package var descriptors: Int?
    /// OpenIM's `multiLoginPolicy` (0, 1, 4 or 5) instead of `loginPolicy`; of the dialect `openim`.
    package var openIMLoginPolicy: Int?
    /// Connections that each gateway process takes at most; of the dialect `openim`, which refuses more with 1601.
    package var connectionLimit: Int?

    package init(
        processes: Int? = nil, proxy: Bool = false, messages: Bool = false, defects: [String] = [],
        loginPolicy: LoginPolicy? = nil, threads: Int? = nil, queueCapacity: Int? = nil,
        registrationDelay: Duration? = nil, descriptors: Int? = nil, openIMLoginPolicy: Int? = nil,
        connectionLimit: Int? = nil
    ) {
        self.processes = processes
        self.proxy = proxy
        self.messages = messages
        self.defects = defects
        self.loginPolicy = loginPolicy
        self.threads = threads
        self.queueCapacity = queueCapacity
        self.registrationDelay = registrationDelay
        self.descriptors = descriptors
        self.openIMLoginPolicy = openIMLoginPolicy
        self.connectionLimit = connectionLimit
    }
}
