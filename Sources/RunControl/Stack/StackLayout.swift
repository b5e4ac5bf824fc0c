package import LoadPlan

/// Which processes make up the bundled stack, and how they are started.
package struct StackLayout: Sendable {
    /// Processes that serve WebSocket connections.
    package var gateways: Int
    /// A load balancer in front of them; without one they share a port.
    package var hasProxy = false
    /// Whether the load balancer passes closing handshakes on; without, either side's end resets the other.
    package var relaysClose = true
    /// A process of its own for the messages; without one each gateway answers them itself.
    package var hasMessageService = false
    /// `NAME[:k=v,…]`; each process takes those that live in its role.
    package var defects: [String] = []
    /// RLIMIT_NOFILE of each process; nil: as many as this machine allows.
    package var descriptors: Int?
    /// Where the load arrives.
    package var listen = "127.0.0.1:0"
    /// Where the gateways answer `/metrics`; with several the port counts up.
    package var api = "127.0.0.1:0"
    /// `a/gateway.log`: each process logs to a file of its own beside it; nil: all to standard error.
    package var log: String?
    /// nil: the stack speaks the plain dialect.
    package var openIM: OpenIMLayout?
    /// Options of the command that every gateway gets alike.
    package var gatewayOptions: [String] = []

    package init(gateways: Int) {
        self.gateways = gateways
    }

    /// What a stack that speaks OpenIM has besides.
    package struct OpenIMLayout: Sendable {
        package var version: OpenIMPlan.Version
        /// OpenIM's number; nil: the gateway's own default.
        package var loginPolicy: Int?
        package var connectionLimit: Int?
        package var secret: String

        package init(
            version: OpenIMPlan.Version, loginPolicy: Int? = nil, connectionLimit: Int? = nil,
            secret: String = OpenIMPlan.defaultSecret
        ) {
            self.version = version
            self.loginPolicy = loginPolicy
            self.connectionLimit = connectionLimit
            self.secret = secret
        }
    }

    /// The variable that holds OpenIM's secret, which no command line shows.
    package static let secretVariable = "GATECRASH_OPENIM_SECRET"

    /// Whether there is more to it than one process.
    package var isStack: Bool { gateways > 1 || hasProxy || hasMessageService }
}

extension StackLayout {
    /// Of each process.
    var environment: [String: String] {
        openIM.map { [Self.secretVariable: $0.secret] } ?? [:]
    }

    func logPath(of name: String) -> String? {
        guard let log else { return nil }
        let folder = log.lastIndex(of: "/").map { log[...$0] } ?? ""
        guard isStack else { return log }
        return "\(folder)\(name).log"
    }

    /// The command line of the message service.
    ///
    /// OpenIM's clients know the API by `api`: it is the message service's then.
    func messageServiceCommand() -> [String] {
        command(role: "messages", name: "messages", listen: "127.0.0.1:0", api: "127.0.0.1:0")
            + (openIM == nil ? [] : ["--rest", api])
    }

    /// The command line of a gateway.
    ///
    /// - Parameter shared: the address of the first gateway, which the others join; nil for the first.
    func gatewayCommand(number: Int, name: String, shared: String?, messageService: String?) -> [String] {
        let own = hasProxy ? "127.0.0.1:0" : shared ?? listen
        let ownAPI = openIM == nil ? Self.counted(api, by: number) : "127.0.0.1:0"
        var words = command(role: "gateway", name: name, listen: own, api: ownAPI)
        if gateways > 1, !hasProxy { words.append("--reuse-port") }
        if let messageService { words += ["--message-service", messageService] }
        if let limit = openIM?.connectionLimit { words += ["--connection-limit", "\(limit)"] }
        return words + gatewayOptions
    }

    /// The command line of the load balancer.
    func proxyCommand(upstreams: [String]) -> [String] {
        command(role: "proxy", name: "proxy", listen: listen, api: "127.0.0.1:0")
            + upstreams.flatMap { ["--upstream", $0] } + (relaysClose ? [] : ["--no-relay-close"])
    }

    private func command(role: String, name: String, listen: String, api: String) -> [String] {
        var words = ["gateway", "--child", "--role", role, "--name", name, "--listen", listen, "--api", api]
        if let path = logPath(of: name) { words += ["--log", path] }
        if let descriptors { words += ["--descriptors", "\(descriptors)"] }
        if let openIM {
            words += ["--dialect", "openim", "--openim-version", openIM.version.rawValue]
            if let policy = openIM.loginPolicy { words += ["--login-policy", "\(policy)"] }
        }
        for defect in defects { words += ["--defect", defect] }
        return words
    }

    private static func counted(_ endpoint: String, by number: Int) -> String {
        guard let colon = endpoint.lastIndex(of: ":"), let port = Int(endpoint[endpoint.index(after: colon)...]),
            port > 0
        else { return endpoint }
        return "\(endpoint[...colon])\(port + number)"
    }
}
