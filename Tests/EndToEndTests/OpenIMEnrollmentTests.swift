import Foundation
import Testing

extension EndToEnd {
    /// Accounts and tokens before a run, and `gatecrash doctor --openim`, on an OpenIM deployment that nobody wrote for them.
    @Suite struct OpenIMEnrollmentTests {
        private static let profile = """
            name: enrolled
            dialect: openim
            accounts: { count: 30, id: "enrolled_{index}" }
            load: { iterations: 1, ramp: 100ms }
            steps: [connect, newest_sequence, close]
            """

        private static let secretVariable = "GATECRASH_OPENIM_SECRET"

        @Test(arguments: ["3.5.1", "3.8.3"])
        func aSlowAndFailingAPIIsWaitedFor(_ version: String) throws {
            let server = try OpenIMServer(version, ["--slow-api", "20", "--fail-register-times", "2"])
            let run = try GatecrashRun.finished(server.arguments + ["--quiet"], profile: Self.profile)
            #expect(run.status == 0, "\(run.said)")
            let record = server.record()
            #expect(record.int("users_registered") == 30, "\(run.said)")
            #expect(record.int("handshakes") == 30, "\(run.said)")
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func accountsThatAreThereAlreadyAreUsed(_ version: String) throws {
            let server = try OpenIMServer(version)
            for words in [["--accounts", "10"], ["--accounts", "30"], ["--accounts", "30"]] {
                let run = try GatecrashRun.finished(server.arguments + ["--quiet"] + words, profile: Self.profile)
                #expect(run.status == 0, "\(words): \(run.said)")
            }
            #expect(server.record().int("users_registered") == 30)
        }

        /// Tokens are in one file, which nobody else may read, and in no other.
        @Test func tokensAreKeptToOneself() throws {
            let server = try OpenIMServer("3.8.3")
            let run = try GatecrashRun.finished(
                server.arguments + ["--json", "-"], profile: Self.profile)
            #expect(run.status == 0, "\(run.said)")
            // How every JWT with HS256 begins.
            #expect(!run.command.output.contains("eyJhbGci") && !run.command.errors.contains("eyJhbGci"))
            let folder = try #require(FileManager.default.enumerator(atPath: run.folder))
            var files = 0
            for case let name as String in folder {
                let path = "\(run.folder)/\(name)"
                guard let data = FileManager.default.contents(atPath: path) else { continue }
                files += 1
                guard data.range(of: Data("eyJhbGci".utf8)) != nil else { continue }
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name) has tokens and mode \(String(mode ?? 0, radix: 8))")
                #expect(!name.hasSuffix(".json") && !name.hasSuffix(".ndjson") && !name.hasSuffix(".log"), "\(name)")
            }
            #expect(files > 1)
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func aWrongSecretIsSaidAndNotShown(_ version: String) throws {
            let server = try OpenIMServer(version, ["--secret", "another"])
            let scratch = Scratch()
            let profile = try scratch.write(Self.profile, to: "profile.yaml")
            let command = try RunningCommand(
                "/usr/bin/env",
                [
                    "\(Self.secretVariable)=not-this-one", Project.gatecrash, "run", profile, "--out",
                    scratch.path + "/run",
                ] + server.arguments)
            #expect(command.wait(seconds: 60) != 0, "\(command.output)\(command.errors)")
            #expect(command.errors.contains("secret"), "\(command.errors)")
            #expect(!command.errors.contains("not-this-one") && !command.output.contains("not-this-one"))
            let record = server.record()
            #expect(record.int("handshakes") == 0 && record.int("users_registered") == 0)
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func theSecretMayComeFromTheEnvironment(_ version: String) throws {
            let server = try OpenIMServer(version, ["--secret", "another"])
            let scratch = Scratch()
            let profile = try scratch.write(Self.profile, to: "profile.yaml")
            let command = try RunningCommand(
                "/usr/bin/env",
                [
                    "\(Self.secretVariable)=another", Project.gatecrash, "run", profile, "--quiet", "--out",
                    scratch.path + "/run",
                ] + server.arguments)
            #expect(command.wait(seconds: 60) == 0, "\(command.output)\(command.errors)")
            #expect(server.record().int("handshakes") == 30)
        }

        // The doctor.

        private func doctor(_ server: OpenIMServer, secret: String? = nil) throws -> (status: Int32, text: String) {
            let command = try RunningCommand(
                "/usr/bin/env",
                (secret.map { ["\(Self.secretVariable)=\($0)"] } ?? []) + [
                    Project.gatecrash, "doctor", "--openim", server.gateway, "--openim-api", server.api,
                ])
            let status = command.wait(seconds: 90)
            return (status, command.output + command.errors)
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func theDoctorFindsAHealthyDeploymentHealthy(_ version: String) throws {
            let server = try OpenIMServer(version)
            let (status, text) = try doctor(server)
            #expect(status == 0, "\(text)")
            #expect(text.contains(version == "3.5.1" ? "3.5" : "3.8"), "\(text)")
            #expect(!text.contains("eyJhbGci"), "\(text)")
            let record = server.record()
            #expect(record.int("handshakes") >= 2 && record.int("acks") >= 1 && record.int("logouts") >= 1, "\(text)")
            // Nothing is left online.
            #expect(record.int("online") == 0, "\(text)")
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func theDoctorNamesAFrozenGateway(_ version: String) throws {
            let server = try OpenIMServer(version, ["--freeze-after", "0"])
            let (status, text) = try doctor(server)
            #expect(status != 0, "\(text)")
            #expect(text.contains("101"), "\(text)")
            #expect(text.contains("restart") || text.contains("frozen") || text.contains("froze"), "\(text)")
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func theDoctorNamesAWrongSecretAndARefusal(_ version: String) throws {
            let guarded = try OpenIMServer(version, ["--secret", "another"])
            let (status, text) = try doctor(guarded, secret: "not-this-one")
            #expect(status != 0 && text.contains("secret") && !text.contains("not-this-one"), "\(text)")
            let full = try OpenIMServer(version, ["--refuse", "1601"])
            let (refused, reason) = try doctor(full)
            #expect(refused != 0 && reason.contains("1601"), "\(reason)")
        }

        @Test func theDoctorSeesThatPushesAreMissing() throws {
            let server = try OpenIMServer("3.8.3", ["--drop-pushes"])
            let (status, text) = try doctor(server)
            #expect(status != 0 && text.contains("push"), "\(text)")
        }

        @Test func theDoctorNamesAnAPIThatIsNotThere() throws {
            let server = try OpenIMServer("3.8.3")
            _ = server.record()
            let (status, text) = try doctor(server)
            #expect(status != 0 && text.contains("refused"), "\(text)")
        }
    }
}
