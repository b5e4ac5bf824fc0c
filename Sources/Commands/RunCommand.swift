internal import ArgumentParser
internal import Diagnosis
internal import Enrollment
internal import Glibc
internal import LoadPlan
internal import RunControl
internal import RunReport

/// The main job: plays a profile against a target and reports.
struct RunCommand: EnvironmentCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Plays a profile's accounts against a gateway, shows how it goes, and writes a report.",
        discussion: """
            Without --target the bundled gateway is started and played against. Interrupt once to finish in order, twice to \
            stop now; the report is written either way.
            """)

    @Argument(help: "A ready profile's name (see `gatecrash profile list`) or a YAML file.")
    var profile = "churn"

    @OptionGroup(title: "Plan") var plan: PlanOptions
    @OptionGroup(title: "Layout") var layout: LayoutOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in environment: CommandEnvironment) throws {
        let source = try ProfileSource(profile, environment)
        let checked = try source.load(plan.overrides(environment), environment)
        let request = RunRequest(
            plan: checked, profileSHA256: SHA256.hexDigest(of: Array(source.text.utf8)),
            seed: layout.seed ?? UInt64.random(in: 1...UInt64(UInt32.max)), shards: layout.shards,
            gateways: layout.gateways, stack: try StackLayout(checked),
            folder: output.out ?? Self.folder(for: checked.name), failFast: output.failFast,
            executable: environment.executable, version: Gatecrash.version)
        do {
            let preparation = try RunPreparation(request)
            if output.dryRun { return try dryRun(request, preparation, environment) }
            try play(request, preparation, environment)
        } catch let error as RunError {
            environment.standardError.line("gatecrash: \(error)")
            throw error.exitCode
        }
    }

    private func play(
        _ request: RunRequest, _ preparation: RunPreparation, _ environment: CommandEnvironment
    ) throws {
        let view = LiveView(environment, quiet: output.quiet)
        let controller = try RunController(request, preparation, observer: view)
        let result = try controller.run()
        view.finish()

        let printsReport = output.json == "-"
        let summaryOutput = printsReport ? environment.standardError : environment.standardOutput
        summaryOutput.write(
            SummaryRenderer.render(
                result.report, style: environment.style(for: summaryOutput),
                location: result.writeFailure == nil ? request.folder : nil))
        var failures = [result.writeFailure].compactMap(\.self)
        if let json = output.json {
            let bytes = try ReportFile.encode(result.report)
            if printsReport {
                // A reader that has gone away has seen what it wanted.
                environment.standardOutput.write(String(decoding: bytes, as: UTF8.self))
            } else {
                do { try RunFolder.write(bytes, to: json) } catch { failures.append("\(error)") }
            }
        }
        for failure in failures {
            environment.standardError.line("gatecrash: the report could not be written: \(failure)")
        }
        let status = result.report.verdict.exitStatus
        if status != 0 { throw ExitCode(status) }
        if !failures.isEmpty { throw ExitCode(1) }
    }

    private func dryRun(
        _ request: RunRequest, _ preparation: RunPreparation, _ environment: CommandEnvironment
    ) throws {
        environment.standardOutput.write(DryRun.text(request, preparation))
        if !preparation.fatalProblems.isEmpty { throw ExitCode(64) }
    }

    /// `Reports/churn-20261121-101530`, by the local clock.
    private static func folder(for name: String) -> String {
        var now = time(nil)
        var fields = tm()
        localtime_r(&now, &fields)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y%m%d-%H%M%S", &fields)
        let stamp = String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let safe = name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" }
        let path = "Reports/\(String(safe))-\(stamp)"
        return access(path, F_OK) == 0 ? "\(path)-\(getpid())" : path
    }
}

/// What of the profile the command line changes.
struct PlanOptions: ParsableArguments {
    @Option(help: "ws:// or wss:// URL, or `bundled`; placeholders such as {account} are filled in.")
    var target: String?
    @Option(help: "Number of accounts.")
    var accounts: Int?
    @Option(help: "How long accounts start iterations, e.g. 90s, 10m.")
    var duration: String?
    @Option(help: "Iterations per account.")
    var iterations: Int?
    @Option(help: "Time over which the accounts' starts are spread.")
    var ramp: String?
    @Option(help: "How long iterations may finish after the duration.")
    var grace: String?
    @Option(help: "Age from which an account in a phase counts as stalled.")
    var stallAfter: String?
    @Option(
        name: .customLong("threshold"), help: "What must hold, e.g. \"handshake.p99 < 250ms\"; added to the profile's.")
    var thresholds: [String] = []
    @Option(help: "PEM file of the authorities to trust instead of the system's.")
    var ca: String?
    @Option(help: "Name that the server's certificate must be made out to.")
    var serverName: String?
    @Flag(help: "Accept any certificate; the report says so.")
    var insecure = false
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "OpenIM") var openIM: OpenIMOptions
    @Option(name: .customLong("source"), help: "Local address to connect from; repeat it for several, used in turn.")
    var sources: [String] = []

    func overrides(_ environment: CommandEnvironment) -> PlanOverrides {
        var overrides = PlanOverrides()
        overrides.target = target
        overrides.accounts = accounts
        overrides.duration = duration
        overrides.iterations = iterations
        overrides.ramp = ramp
        overrides.grace = grace
        overrides.stallAfter = stallAfter
        overrides.thresholds = thresholds
        overrides.caFile = ca
        overrides.serverName = serverName
        overrides.insecure = insecure
        overrides.sources = sources
        server.add(to: &overrides)
        openIM.add(to: &overrides, environment)
        return overrides
    }
}

/// What of the server is watched, and what the bundled one is made of.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .customLong("watch"),
        help: """
            Process of the server to watch: pid:N, or port:N for those that listen there; repeat it for several. Unless \
            said: those that listen on the target's port of this machine. `none`: no process.
            """)
    var watch: [String] = []
    @Option(
        name: .customLong("watch-url"), help: "Metrics address of the server (Prometheus text); repeat it for several.")
    var watchURLs: [String] = []
    @Option(help: "Base address of a Go server's net/http/pprof, e.g. http://127.0.0.1:6060, asked at a finding.")
    var pprof: String?
    @Option(
        name: .customLong("defect"),
        help: "NAME[:k=v,…], a fault of the bundled gateway instead of the profile's; `none` for a healthy one.")
    var defects: [String] = []
    @Flag(help: "Put the bundled load balancer in front of the bundled gateways.")
    var proxy = false

    func add(to overrides: inout PlanOverrides) {
        overrides.watch = watch
        overrides.watchURLs = watchURLs
        overrides.pprof = pprof
        overrides.defects = defects
        overrides.proxy = proxy
    }
}

/// How the run is laid out on this machine.
struct LayoutOptions: ParsableArguments {
    @Option(help: "Seed of every random choice; printed and reported, give it again to repeat a run.")
    var seed: UInt64?
    @Option(help: "Processes that generate the load; as many as the accounts need, unless said.")
    var shards: Int?
    @Option(help: "Processes of the bundled gateway on one port; as many as the accounts need, unless said.")
    var gateways: Int?

    func validate() throws {
        if let shards, !(1...RunNeeds.mostProcesses).contains(shards) {
            throw ValidationError("--shards must be 1 to \(RunNeeds.mostProcesses)")
        }
        if let gateways, !(1...RunNeeds.mostProcesses).contains(gateways) {
            throw ValidationError("--gateways must be 1 to \(RunNeeds.mostProcesses)")
        }
    }
}

/// What is shown and kept.
struct OutputOptions: ParsableArguments {
    @Option(help: "Folder for journal, report and logs; a new one under Reports/ unless said.")
    var out: String?
    @Option(help: "Write the report to this file too; `-` prints it alone on standard output.")
    var json: String?
    @Flag(help: "End the run at its first critical finding.")
    var failFast = false
    @Flag(help: "Print the plan and what it needs of this machine; start nothing.")
    var dryRun = false
    @Flag(help: "No live view; findings, warnings and the summary remain.")
    var quiet = false
}

extension RunError {
    var exitCode: ExitCode {
        switch self {
        case .doesNotFit: ExitCode(64)
        case .target: ExitCode(Verdict.ExitStatus.unreachable)
        case .enrollment(let error): ExitCode(error.isUnreachable ? Verdict.ExitStatus.unreachable : 64)
        case .unknownToOpenIM: ExitCode(64)
        case .interrupted: ExitCode(130)
        case .folder, .start: ExitCode(1)
        }
    }
}
