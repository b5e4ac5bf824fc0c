import Foundation
import Testing

extension EndToEnd {
    /// The commands beside `run`, and what the README says of them.
    @Suite struct CommandTests {
        private func said(_ words: String..., status: Int32 = 0, _ location: SourceLocation = #_sourceLocation) throws
            -> RunningCommand
        {
            let command = try RunningCommand(Project.gatecrash, words)
            let ended = command.wait(seconds: 20, location)
            #expect(ended == status, "\(words): \(command.output)\(command.errors)", sourceLocation: location)
            return command
        }

        private func readyProfiles() throws -> [String] {
            try said("profile", "list").output.split(separator: "\n").compactMap {
                $0.split(separator: " ").first.map(String.init)
            }
        }

        /// Small and short, side by side: that each does what it is for, not how fast.
        @Test func everyReadyProfileRuns() throws {
            let names = try readyProfiles()
            let files = try FileManager.default.contentsOfDirectory(atPath: Project.root.path + "/Profiles")
            #expect(Set(files) == Set(names.map { $0 + ".yaml" }))
            let runs = try names.map { name in
                (
                    name,
                    try GatecrashRun([name, "--accounts", "10", "--duration", "1500ms", "--ramp", "100ms", "--quiet"])
                )
            }
            for (name, run) in runs {
                run.wait(seconds: 60)
                // Thresholds are made for the profile's own size.
                #expect(run.status == 0 || run.status == 99, "\(name): \(run.said)")
                #expect(run.report.int("totals.iterations.failed") == 0, "\(name): \(run.said)")
                // Pauses are random, and some iterations take half a minute: nobody has to get through one.
                let ended = ["completed", "interrupted"].map { run.report.int("totals.iterations.\($0)") }
                #expect(ended.contains { $0 > 0 }, "\(name): \(run.said)")
                #expect(run.report.balances, "\(name): \(run.said)")
            }
            try ReportDocument.expectKeepSchema(runs.map(\.1.report))
        }

        @Test func readyProfilesAndFilesAreChecked() throws {
            let scratch = Scratch()
            let shown = try said("profile", "show", "churn").output
            let file = try scratch.write(shown, to: "mine.yaml")
            #expect(try said("profile", "check", "churn", file).output.contains("mine.yaml: ok"))
            _ = try said("profile", "check", file, scratch.path + "/missing.yaml", status: 64)
            let schema = ReportDocument(text: try said("profile", "schema").output)
            #expect(schema.value("properties.steps") != nil)
        }

        @Test func doctorNamesEveryLimit() throws {
            let text = try said("doctor").output
            for limit in ["descriptors", "port", "somaxconn", "tcp_tw_reuse", "memory", "processors"] {
                #expect(text.contains(limit), "\(limit): \(text)")
            }
        }

        @Test func aReportThatIsNoneIsSaid() throws {
            let scratch = Scratch()
            let other = try scratch.write("{\"schema\": \"gatecrash.report/999\"}", to: "report.json")
            #expect(try said("report", "show", other, status: 64).errors.contains("gatecrash.report/999"))
            let empty = try scratch.write("", to: "journal.ndjson")
            #expect(try !said("report", "recover", empty, status: 64).errors.isEmpty)
            #expect(try said("report", "show", scratch.path + "/nowhere", status: 64).errors.contains("nowhere"))
        }

        @Test func aReportIsShownAsTheRunShowedIt() throws {
            let run = try GatecrashRun.finished(["churn", "--accounts", "5", "--iterations", "2", "--duration", "5s"])
            #expect(run.status == 0, "\(run.said)")
            let shown = try said("report", "show", run.folder)
            #expect(shown.output == run.command.output)
        }

        @Test func wrongArgumentsAreRefusedBeforeAnythingStarts() throws {
            for words in [
                ["run", "churn", "--accounts", "0"], ["run", "churn", "--target", "http://127.0.0.1/"],
                ["run", "churn", "--threshold", "handshake.p98 < 1ms"], ["run", "churn", "--duration", "5 parsecs"],
                ["run", "churn", "--shards", "0"], ["run", "churn", "--nonsense"], ["gateway", "--listen", "here"],
                ["gateway", "--login-policy", "kickEverybody"], ["gateway", "--registration-delay", "soon"],
                ["nonsense"],
            ] {
                let command = try RunningCommand(Project.gatecrash, words)
                #expect(command.wait(seconds: 20) == 64, "\(words): \(command.output)\(command.errors)")
                #expect(!command.errors.isEmpty, "\(words)")
            }
        }

        // MARK: README

        /// Every line `gatecrash …` in the README's code blocks, as words without its comment.
        private static let readmeCommands: [[String]] = {
            let text = (try? String(contentsOfFile: Project.root.path + "/README.md", encoding: .utf8)) ?? ""
            let blocks = text.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }
            return blocks.flatMap { $0.element.split(separator: "\n") }.filter { $0.hasPrefix("gatecrash ") }.map {
                $0.split(separator: "#")[0].split(separator: " ").dropFirst().map(String.init)
            }
        }()

        @Test func theReadmesCommandsAndOptionsExist() throws {
            let names = try readyProfiles()
            #expect(Self.readmeCommands.count >= 8)
            for words in Self.readmeCommands {
                let depth = ["profile", "report"].contains(words[0]) ? 2 : 1
                let help = try RunningCommand(Project.gatecrash, Array(words.prefix(depth)) + ["--help"])
                #expect(help.wait(seconds: 20) == 0, "\(words): \(help.errors)")
                let known = Set(help.output.split { !($0.isLetter || $0 == "-") }.map(String.init))
                for word in words where word.hasPrefix("--") { #expect(known.contains(word), "\(words)") }
                if ["run", "show"].contains(words[depth - 1]), words[0] != "report", !words[depth].hasSuffix(".yaml") {
                    #expect(names.contains(words[depth]), "\(words)")
                }
            }
        }
    }
}
