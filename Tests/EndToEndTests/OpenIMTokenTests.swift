import Foundation
import Testing

extension EndToEnd {
    /// Where a run's tokens come from, what it says when there are none, and where they must not be seen.
    @Suite struct OpenIMTokenTests {
        private static let profile = """
            name: tokens
            dialect: openim
            accounts: { count: 10, id: "token_{index}" }
            load: { iterations: 1, ramp: 100ms }
            steps: [connect, newest_sequence, close]
            """
        private static let secretVariable = "GATECRASH_OPENIM_SECRET"

        /// The tokens that one run has left are another's file; those made from the secret are not in the service's
        /// records.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func fromTheAPIAFileAndTheSecret(_ version: String) throws {
            let stack = try BundledOpenIM(version)
            let fetched = try GatecrashRun.finished(stack.arguments + ["--quiet"], profile: Self.profile)
            #expect(fetched.status == 0 && fetched.report.outcomes == ["ok": 10], "\(fetched.said)")
            let file = fetched.folder + "/credentials.csv"
            let given = try GatecrashRun.finished(
                ["--target", stack.gateway, "--tokens", file, "--openim-version", version, "--quiet"],
                profile: Self.profile)
            #expect(given.status == 0 && given.report.outcomes == ["ok": 10], "\(given.said)")
            for run in [fetched, given] { try expectKeptToItself(run) }
            let minted = try GatecrashRun.finished(
                ["--target", stack.gateway, "--tokens", "mint", "--openim-version", version, "--quiet"],
                profile: Self.profile)
            #expect(minted.status == 99 && minted.report.outcomes == ["refused:1507": 10], "\(minted.said)")
            #expect(minted.report.balances, "\(minted.said)")
            try expectKeptToItself(minted)
        }

        /// Tokens are in one file, which nobody else may read; the secret is in none.
        private func expectKeptToItself(_ run: GatecrashRun) throws {
            let files = try #require(FileManager.default.enumerator(atPath: run.folder))
            var withTokens: [String] = []
            for case let name as String in files {
                guard let data = FileManager.default.contents(atPath: "\(run.folder)/\(name)") else { continue }
                #expect(data.range(of: Data("openIM123".utf8)) == nil, "\(name) has the secret")
                // How every JWT with HS256 begins.
                if data.range(of: Data("eyJhbGci".utf8)) != nil { withTokens.append(name) }
            }
            #expect(withTokens == ["credentials.csv"])
            let path = run.folder + "/credentials.csv"
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(!run.said.contains("eyJhbGci") && !run.said.contains("openIM123"))
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func aWrongSecretIsABadArgument(_ version: String) throws {
            let stack = try BundledOpenIM(version)
            let scratch = Scratch()
            let profile = try scratch.write(Self.profile, to: "profile.yaml")
            let command = try RunningCommand(
                "/usr/bin/env",
                [
                    "\(Self.secretVariable)=not-this-one", Project.gatecrash, "run", profile, "--out",
                    scratch.path + "/run",
                ]
                    + stack.arguments)
            #expect(command.wait(seconds: 60) == 64, "\(command.errors)")
            #expect(command.errors.contains("the secret is wrong"), "\(command.errors)")
            #expect(!command.errors.contains("not-this-one"))
        }

        @Test func anAPIThatIsGoneIsUnreachable() throws {
            let stack = try BundledOpenIM("3.8.3")
            let run = try GatecrashRun.finished(
                ["--target", stack.gateway, "--openim-api", "http://127.0.0.1:1", "--quiet"], profile: Self.profile)
            #expect(run.status == 4, "\(run.said)")
            #expect(run.command.errors.contains("127.0.0.1:1"), "\(run.said)")
        }

        /// What was fetched before the interruption is kept for the next run.
        @Test func anInterruptedEnrollmentKeepsWhatItHas() throws {
            let server = try OpenIMServer("3.8.3", ["--slow-api", "200"])
            let run = try GatecrashRun(
                server.arguments + ["--quiet", "--accounts", "300"], profile: Self.profile)
            let path = run.folder + "/credentials.csv"
            run.command.wait(
                seconds: 60,
                until: { _ in ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").count { $0 == "\n" } > 5 })
            run.command.signal(SIGINT)
            run.wait(seconds: 30)
            #expect(run.status == 130, "\(run.said)")
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count > 5 && lines.count < 301, "\(lines.count) lines")
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let record = server.record()
            #expect(record.int("handshakes") == 0)
        }
    }
}
