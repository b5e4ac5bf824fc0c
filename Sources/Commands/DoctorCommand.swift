internal import ArgumentParser
internal import Diagnosis
internal import LoadPlan
internal import OpenIMDoctor
internal import RunControl

/// This machine's limits and the accounts they allow; or the health of an OpenIM deployment.
struct DoctorCommand: EnvironmentCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Shows this machine's limits, the accounts they allow, and what to change; or checks an OpenIM deployment.",
        discussion: """
            With --openim or --openim-api it goes step by step through an OpenIM deployment instead: API, admin token, two \
            probe accounts (gatecrash_doctor_a, gatecrash_doctor_b), handshake, admission, a message and its push, a second \
            login, logout. Of each step it says how long it took, what is wrong, and what to check next. The secret is that \
            of GATECRASH_OPENIM_SECRET, or OpenIM's default. Exit status 4 when nothing could be reached, 6 when something \
            does not work.
            """)

    /// The secret's variable: an option would show it in the list of processes.
    static let secretVariable = "GATECRASH_OPENIM_SECRET"
    private static let apiPort = 10002

    @Option(help: "OpenIM gateway to check, such as ws://HOST:10001/.")
    var openim: String?
    @Option(name: .customLong("openim-api"), help: "Its REST API; http://HOST:10002 of the gateway's host unless said.")
    var openIMAPI: String?

    func validate() throws {
        let target = try target()
        if openIMAPI != nil, let problem = OpenIMDoctor.problem(ofAPI: api(beside: target)) {
            throw ValidationError("--openim-api: \(problem)")
        }
    }

    func run(in environment: CommandEnvironment) throws {
        guard openim != nil || openIMAPI != nil else { return showLimits(environment.standardOutput) }
        let target = try target()
        let plan = OpenIMPlan(secret: environment.variables[Self.secretVariable] ?? OpenIMPlan.defaultSecret)
        let report = OpenIMDoctor.examine(target: target, api: api(beside: target), plan: plan) {
            environment.standardOutput.line($0.text)
        }
        environment.standardOutput.line(report.summary)
        switch report.health {
        case .healthy: break
        case .unreachable: throw ExitCode(Verdict.ExitStatus.unreachable)
        case .faulty: throw ExitCode(Verdict.ExitStatus.serverAtFault)
        }
    }

    private func target() throws -> TargetURL? {
        guard let openim else { return nil }
        do {
            return try TargetURL(parsing: openim)
        } catch {
            throw ValidationError("--openim: \(error)")
        }
    }

    private func api(beside target: TargetURL?) -> String {
        guard var api = openIMAPI else {
            let host = target?.host ?? ""
            return "http://\(host.contains(":") ? "[\(host)]" : host):\(Self.apiPort)"
        }
        while api.hasSuffix("/") { api.removeLast() }
        return api
    }

    private func showLimits(_ output: TextOutput) {
        let limits = MachineLimits.current()
        for check in LimitCheck.all(limits) {
            output.line("\(check.name): \(check.value)")
            output.line("    allows \(check.allows)")
            if let change = check.change { output.line("    to change it: \(change)") }
        }
    }
}
