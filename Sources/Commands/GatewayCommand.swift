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
        abstract: "Runs the bundled gateway: echoes every message, kicks the older login of an account.",
        discussion: """
            Prints one line of JSON per process when it listens. The account is the query parameter `account` of the upgrade \
            request. /healthz and /metrics are answered at the same address and, with /debug/queues, by a thread of their own \
            at --api. Interrupt once to close all connections in order, twice to stop at once.

            Defects, NAME[:k=v,…]:
            \(Defect.Name.allCases.map { "  \($0.synopsis)" }.joined(separator: "\n"))
            """)

    @Option(help: "Address and port to listen on; port 0: the kernel chooses.")
    var listen = "127.0.0.1:0"
    @Option(
        help: "Address and port for /healthz, /metrics and /debug/queues; with several gateways the port counts up.")
    var api = "127.0.0.1:0"
    @Option(help: "Gateway processes; they share the port (SO_REUSEPORT), or stand behind the load balancer.")
    var gateways = 1
    @Flag(help: "Put a load balancer in front: it upgrades first, then dials a gateway chosen by the account.")
    var proxy = false
    @Flag(
        inversion: .prefixedNo,
        help: "Whether the load balancer passes closing handshakes on; without, either side's end resets the other.")
    var relayClose = true
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
    @Option(help: "What happens to the older login of an account: kickOlder or allowAll.")
    var loginPolicy: String?
    @Option(help: "File for log lines (JSON), appended to; standard error unless said. A stack logs to a file each.")
    var log: String?

    @Flag(help: .hidden) var child = false
    @Option(help: .hidden) var role = Role.gateway
    @Option(help: .hidden) var name = "gateway"
    @Flag(help: .hidden) var reusePort = false
    @Option(help: .hidden) var messageService: String?
    @Option(name: .customLong("upstream"), help: .hidden) var upstreams: [String] = []

    func validate() throws {
        guard (1...RunNeeds.mostProcesses).contains(gateways) else {
            throw ValidationError("--gateways must be 1 to \(RunNeeds.mostProcesses)")
        }
        if let descriptors, !(32...1 << 20).contains(descriptors) {
            throw ValidationError("--descriptors must be 32 to \(1 << 20)")
        }
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
        layout.relaysClose = relayClose
        layout.hasMessageService = try messages || parsedDefects().contains(where: \.isOfMessageService)
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
        if let loginPolicy { words += ["--login-policy", loginPolicy] }
        return words
    }
}

// MARK: Configurations

extension GatewayCommand {
    private func parsedDefects() throws -> [Defect] {
        do {
            return try Defect.parseAll(defects)
        } catch {
            throw ValidationError("--defect: \(error)")
        }
    }

    private func gatewayConfiguration() throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.reusePort = reusePort
        configuration.messageService = messageService
        configuration.descriptorLimit = descriptors
        for defect in try parsedDefects() {
            if case .registerUnregisterDeadlock(let registry) = defect {
                configuration.registryDefect = registry
            } else if !defect.isOfMessageService {
                configuration.defects.append(defect)
            }
        }
        if let threads { configuration.threads = threads }
        if let queueCapacity { configuration.queueCapacity = queueCapacity }
        if let registrationDelay {
            do {
                configuration.registrationDelay = try DurationText.parse(registrationDelay)
            } catch {
                throw ValidationError("--registration-delay: \(error)")
            }
        }
        if let loginPolicy {
            guard let policy = LoginPolicy(rawValue: loginPolicy) else {
                let known = LoginPolicy.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--login-policy '\(loginPolicy)' is none of \(known)")
            }
            configuration.loginPolicy = policy
        }
        configuration.logFile = log
        return configuration
    }

    private func messageConfiguration() throws -> MessageServiceConfiguration {
        var configuration = MessageServiceConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.descriptorLimit = descriptors
        configuration.defects = try parsedDefects().filter(\.isOfMessageService)
        configuration.logFile = log
        return configuration
    }

    private func proxyConfiguration() throws -> ProxyConfiguration {
        var configuration = ProxyConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.upstreams = upstreams
        configuration.relaysClose = relayClose
        configuration.descriptorLimit = descriptors
        configuration.logFile = log
        return configuration
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`.
    private static func endpoint(_ text: String, option: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ValidationError("\(option) '\(text)' is not HOST:PORT")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw ValidationError("\(option) '\(text)' has no host") }
        return (host, Int(port))
    }
}
