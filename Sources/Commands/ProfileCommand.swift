internal import ArgumentParser
internal import LoadPlan

/// Profiles: the ready ones, and checking one's own.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Lists, shows and checks profiles.",
        subcommands: [List.self, Show.self, Check.self, Schema.self])

    struct List: EnvironmentCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the ready profiles.")

        func run(in environment: CommandEnvironment) throws {
            let width = ProfileLibrary.entries.map(\.name.count).max() ?? 0
            for entry in ProfileLibrary.entries {
                let padding = String(repeating: " ", count: width - entry.name.count + 2)
                environment.standardOutput.line("\(entry.name)\(padding)\(entry.about)")
            }
        }
    }

    struct Show: EnvironmentCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a profile's text, to start one's own from.")

        @Argument(help: "A ready profile's name or a YAML file.")
        var profile: String

        func run(in environment: CommandEnvironment) throws {
            environment.standardOutput.write(try ProfileSource(profile, environment).text)
        }
    }

    struct Check: EnvironmentCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks profiles and prints every problem with its line and column.")

        @Argument(help: "Ready profiles' names or YAML files.")
        var profiles: [String]

        func run(in environment: CommandEnvironment) throws {
            var failed = false
            for profile in profiles {
                do {
                    let source = try ProfileSource(profile, environment)
                    let plan = try source.load(PlanOverrides(), environment)
                    environment.standardOutput.line("\(source.file): ok, \(plan.name), \(plan.accounts.count) accounts")
                } catch is ExitCode {
                    failed = true
                }
            }
            if failed { throw ExitCode(64) }
        }
    }

    struct Schema: EnvironmentCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the JSON Schema of profiles, for editors that complete and check YAML.")

        func run(in environment: CommandEnvironment) throws {
            environment.standardOutput.write(ProfileSchema.jsonText)
        }
    }
}
