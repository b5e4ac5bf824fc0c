internal import ArgumentParser
internal import Gateway
internal import LoadPlan
internal import RunControl

/// The bundled gateway by itself.
struct GatewayCommand: AsyncParsableCommand {
    /// What one process of the stack is.
    enum Role: String, ExpressibleByArgument, CaseIterable {
        case gateway, messages, proxy
    }

    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract:
            "Runs the bundled gateway: echoes every message, kicks the older login of an account; or speaks OpenIM.",
        discussion: """
            Prints one line of JSON per process when it listens. The account is the query parameter `account` of the upgrade \
            request. /healthz and /metrics are answered at the same address and, with /debug/queues, by a thread of their own \
            at --api. Interrupt once to close all connections in order, twice to stop at once.

            With --dialect openim it is an OpenIM deployment in small: gateways and a message service, which answers the REST \
            API at --api. Its secret is openIM123, or that of the environment variable \(StackLayout.secretVariable).

            Defects, NAME[:k=v,…]:
            \(Defect.Name.allCases.map { "  \($0.synopsis)" }.joined(separator: "\n"))
            """)

    @Option(help: "Address and port to listen on; port 0: the kernel chooses.")
    var listen = "127.0.0.1:0"
    @Option(
        help: """
            Address and port for /healthz, /metrics and /debug/queues; with several gateways the port counts up. With \
            --dialect openim: for its REST API.
            """)
    var api = "127.0.0.1:0"
    @Option(help: "What messages mean: plain or openim.")
    var dialect = Dialect.plain
    @Option(name: .customLong("openim-version"), help: "Whose behaviour: 3.5.1 or 3.8.3 (the default).")
    var openIMVersion: OpenIMPlan.Version?
    @Option(help: "Connections that a gateway takes; OpenIM's refuse more with 1601.")
    var connectionLimit: Int?
    @Option(help: "Gateway processes; they share the port (SO_REUSEPORT), or stand behind the load balancer.")
    var gateways = 1
    @Flag(help: "Put a load balancer in front: it upgrades first, then dials a gateway chosen by the account.")
    var proxy = false
    @Flag(
        inversion: .prefixedNo,
        help:
            "Whether the load balancer passes closing handshakes on, as it does unless said; without, either side's end resets the other."
    )
    var relayClose: Bool?
    @Flag(help: "Have a message service answer the messages, as a process of its own.")
    var messages = false
    @Option(name: .customLong("defect"), help: "A fault that the stack shall have, NAME[:k=v,…]; see above.")
    var defects: [String] = []
    @Option(help: "File descriptors that each process may have; as many as this machine allows unless said.")
    var descriptors: Int?
    @Option(help: "Event-loop threads per process.")
    var threads: Int?
    @Option(help: "Places in the register queue and in the unregister queue.")
    var queueCapacity: Int?
    @Option(help: "Time that registering one login takes, e.g. 1ms.")
    var registrationDelay: String?
    @Option(
        help:
            "What happens to the older login of an account: kickOlder or allowAll; with --dialect openim 0, 1, 4 or 5.")
    var loginPolicy: String?
    @Option(help: "File for log lines (JSON), appended to; standard error unless said. A stack logs to a file each.")
    var log: String?

    @Flag(help: .hidden) var child = false
    @Option(help: .hidden) var role = Role.gateway
    @Option(help: .hidden) var name = "gateway"
    @Flag(help: .hidden) var reusePort = false
    @Option(help: .hidden) var messageService: String?
    @Option(help: .hidden) var rest = "127.0.0.1:0"
    @Option(name: .customLong("upstream"), help: .hidden) var upstreams: [String] = []

    func validate() throws {
        guard (1...RunNeeds.mostProcesses).contains(gateways) else {
            throw ValidationError("--gateways must be 1 to \(RunNeeds.mostProcesses)")
        }
        if let descriptors, !(32...1 << 20).contains(descriptors) {
            throw ValidationError("--descriptors must be 32 to \(1 << 20)")
        }
        if relayClose != nil, !proxy, role != .proxy {
            throw ValidationError("--relay-close and --no-relay-close go with --proxy")
        }
        if dialect == .plain, openIMVersion != nil {
            throw ValidationError("--openim-version goes with --dialect openim")
        }
        if dialect == .plain, connectionLimit != nil {
            throw ValidationError("--connection-limit goes with --dialect openim")
        }
        if let connectionLimit, connectionLimit < 1 { throw ValidationError("--connection-limit must be at least 1") }
        _ = try parsedDefects()
        _ = try gatewayConfiguration()
    }

    /// This process by itself.
    func run() async throws {
        do {
            switch role {
            case .gateway: try await runGatewayProcess(try gatewayConfiguration(), exitOnStdinEOF: child)
            case .messages: try await runMessageServiceProcess(try messageConfiguration(), exitOnStdinEOF: child)
            case .proxy: try await runProxyProcess(try proxyConfiguration(), exitOnStdinEOF: child)
            }
        } catch let error as GatewayError {
            throw failed(error, .process)
        }
    }

    /// Whether more than one process is asked for.
    var isStack: Bool { get throws { try !child && layout().isStack } }

    /// Several processes: starts them and waits, on the calling thread.
    func supervise(in environment: CommandEnvironment) throws {
        do {
            try GatewaySupervisor.run(try layout(), executable: environment.executable) { line in
                environment.standardOutput.line(line)
            }
        } catch let error as ValidationError {
            throw error
        } catch {
            throw failed(error, environment)
        }
    }

    private func failed(_ error: any Error, _ environment: CommandEnvironment) -> ExitCode {
        environment.standardError.line("gatecrash gateway: \(error)")
        return ExitCode(1)
    }

    private func layout() throws -> StackLayout {
        var layout = StackLayout(gateways: gateways)
        layout.hasProxy = proxy
        layout.relaysClose = relayClose ?? true
        layout.hasMessageService =
            try messages || dialect == .openim || parsedDefects().contains(where: \.isOfMessageService)
        if dialect == .openim {
            layout.openIM = StackLayout.OpenIMLayout(
                version: openIMVersion ?? .v3_8_3, loginPolicy: try openIMLoginPolicy()?.rawValue,
                connectionLimit: connectionLimit, secret: secret)
        }
        layout.defects = defects
        layout.descriptors = descriptors
        layout.listen = listen
        layout.api = api
        layout.log = log
        layout.gatewayOptions = gatewayOptions
        return layout
    }

    /// The options that every gateway of several gets alike.
    private var gatewayOptions: [String] {
        var words: [String] = []
        if let threads { words += ["--threads", "\(threads)"] }
        if let queueCapacity { words += ["--queue-capacity", "\(queueCapacity)"] }
        if let registrationDelay { words += ["--registration-delay", registrationDelay] }
        if let loginPolicy, dialect == .plain { words += ["--login-policy", loginPolicy] }
        return words
    }
}

extension Dialect: ExpressibleByArgument {}
extension OpenIMPlan.Version: ExpressibleByArgument {}
