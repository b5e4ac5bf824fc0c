internal import ArgumentParser
internal import RunControl
internal import RunReport

/// Everything that starts from a report or a run's folder.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Shows reports, and rebuilds those of runs that were killed.",
        subcommands: [Show.self, Recover.self])

    struct Show: EnvironmentCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a report's summary. The exit status is 0 whatever the verdict was.")

        @Argument(help: "A run's folder or its report.json.")
        var path: String

        func run(in environment: CommandEnvironment) throws {
            do {
                let report = try ReportFile.load(path: path)
                environment.standardOutput.write(
                    SummaryRenderer.render(
                        report, style: environment.style(for: environment.standardOutput), location: path))
            } catch {
                environment.standardError.line("gatecrash: \(error)")
                throw ExitCode(64)
            }
        }
    }

    struct Recover: EnvironmentCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Rebuilds the report of a run that was killed from its journal, and writes it into the run's folder.")

        @Argument(help: "A run's folder or its journal.ndjson.")
        var path: String
        @Option(help: "Write the report here instead; `-` prints it alone on standard output.")
        var json: String?

        func run(in environment: CommandEnvironment) throws {
            do {
                let report = try ReportFile.recover(path: path)
                let bytes = try ReportFile.encode(report)
                guard json != "-" else {
                    environment.standardOutput.write(String(decoding: bytes, as: UTF8.self))
                    return
                }
                let suffix = "/" + ReportFile.journalName
                let folder = path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path
                let destination = json ?? folder + "/" + ReportFile.reportName
                try RunFolder.write(bytes, to: destination)
                environment.standardOutput.write(
                    SummaryRenderer.render(
                        report, style: environment.style(for: environment.standardOutput), location: destination))
            } catch {
                environment.standardError.line("gatecrash: \(error)")
                throw ExitCode(64)
            }
        }
    }
}
