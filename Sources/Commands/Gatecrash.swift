package import ArgumentParser
internal import Glibc

/// The command line of gatecrash.
package struct Gatecrash: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "gatecrash",
        abstract: "Plays many accounts against a WebSocket gateway and tells when, where and why it stopped.",
        discussion: """
            Exit status: 0 pass, 1 internal error, 4 target unreachable, 5 invalid run (the generator was the bottleneck), \
            6 the server is at fault, 64 bad profile or arguments, 99 threshold failed, 130 interrupted.
            """,
        version: version,
        subcommands: [
            RunCommand.self, GatewayCommand.self, WatchCommand.self, ReportCommand.self, ProfileCommand.self,
            DoctorCommand.self, ShardCommand.self,
        ])

    package static let version = "0.1.0"

    package init() {}

    /// Parses the process's arguments and does what they say. A reader that goes away is a write error, not a signal.
    ///
    /// ArgumentParser's own `main` would run every command on a thread of the concurrency pool. Whoever supervises processes must be on the main thread,
    /// while that is the only one: it reads signals from a descriptor, which works when no thread takes them otherwise.
    package static func runProcess() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if let gateway = command as? GatewayCommand, try gateway.isStack {
                try gateway.supervise(in: .process)
            } else if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}
