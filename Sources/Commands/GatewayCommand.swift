internal import ArgumentParser
internal import Gateway
internal import LoadPlan
internal import RunControl

/// The bundled gateway by itself.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Runs the bundled gateway: echoes every message, kicks the older login of an account.",
        discussion: """
            Prints one line of JSON per process when it listens. The account is the query parameter `account` of the upgrade \
            request. /healthz and /metrics are answered at the same address and, by a thread of their own, at --api. \
            Interrupt once to close all connections in order, twice to stop at once.
            """)

    @Option(help: "Address and port to listen on; port 0: the kernel chooses.")
    var listen = "127.0.0.1:0"
    @Option(help: "Address and port for /healthz and /metrics; with several processes the port counts up.")
    var api = "127.0.0.1:0"
    @Option(help: "Processes that share the port (SO_REUSEPORT).")
    var gateways = 1
    @Option(help: "Event-loop threads per process.")
    var threads: Int?
    @Option(help: "Places in the register queue and in the unregister queue.")
    var queueCapacity: Int?
    @Option(help: "Time that registering one login takes, e.g. 1ms.")
    var registrationDelay: String?
    @Option(help: "What happens to the older login of an account: kickOlder or allowAll.")
    var loginPolicy: String?
    @Option(help: "File for log lines (JSON), appended to; standard error unless said.")
    var log: String?
    @Flag(help: .hidden) var reusePort = false
    @Flag(help: .hidden) var child = false

    func run() async throws {
        let environment = CommandEnvironment.process
        let configuration = try configuration()
        do {
            try await runGatewayProcess(configuration, exitOnStdinEOF: child)
        } catch {
            throw failed(error, environment)
        }
    }

    /// Several processes: starts them and waits, on the calling thread.
    func supervise(in environment: CommandEnvironment) throws {
        _ = try configuration()
        do {
            try GatewaySupervisor.run(
                count: gateways, listen: listen, api: api, log: log, arguments: passedOn,
                executable: environment.executable
            ) { line in environment.standardOutput.line(line) }
        } catch {
            throw failed(error, environment)
        }
    }

    private func failed(_ error: any Error, _ environment: CommandEnvironment) -> ExitCode {
        environment.standardError.line("gatecrash gateway: \(error)")
        return ExitCode(1)
    }

    private func configuration() throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.reusePort = reusePort
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
        guard (1...RunNeeds.mostProcesses).contains(gateways) else {
            throw ValidationError("--gateways must be 1 to \(RunNeeds.mostProcesses)")
        }
        return configuration
    }

    /// The options that every process of several gets alike.
    private var passedOn: [String] {
        var words: [String] = []
        if let threads { words += ["--threads", "\(threads)"] }
        if let queueCapacity { words += ["--queue-capacity", "\(queueCapacity)"] }
        if let registrationDelay { words += ["--registration-delay", registrationDelay] }
        if let loginPolicy { words += ["--login-policy", loginPolicy] }
        return words
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
