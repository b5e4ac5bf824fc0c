internal import ArgumentParser
internal import RunControl

/// This machine's limits, and the accounts they allow.
struct DoctorCommand: EnvironmentCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Shows this machine's limits, the accounts they allow, and what to change.")

    func run(in environment: CommandEnvironment) throws {
        let limits = MachineLimits.current()
        for check in LimitCheck.all(limits) {
            environment.standardOutput.line("\(check.name): \(check.value)")
            environment.standardOutput.line("    allows \(check.allows)")
            if let change = check.change { environment.standardOutput.line("    to change it: \(change)") }
        }
    }
}
