import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash run` as a user meets it.
    @Suite struct RunTests {
        private static let short = """
            name: short
            accounts: { count: 10 }
            load: { iterations: 3, ramp: 50ms }
            steps: [connect, send: "hello {account} {iteration}", receive: { equals: "hello {account} {iteration}" }, ping, close]
            """

        @Test func theMainJobPassesAgainstTheBundledGateway() throws {
            let run = try GatecrashRun.finished(["churn", "--duration", "3s"])
            #expect(run.status == 0 || run.status == 99, "\(run.said)")
            #expect(run.report.int("totals.iterations.failed") == 0, "\(run.said)")
            #expect(run.report.int("totals.iterations.completed") > 100)
            #expect(run.report.balances)
            try run.report.expectKeepsSchema()
            #expect(FileManager.default.fileExists(atPath: run.folder + "/gateway.log"))
        }

        @Test func anyNumberOfShardsDoesTheSameWork() throws {
            let reports = try [1, 3].map { shards in
                let run = try GatecrashRun.finished(["--shards", "\(shards)", "--seed", "7"], profile: Self.short)
                #expect(run.status == 0, "\(run.said)")
                #expect(run.report.int("run.shards") == shards)
                return run.report
            }
            for report in reports {
                #expect(report.int("run.seed") == 7)
                for count in ["iterations.completed", "messages.sent", "messages.received", "ledger.closed_clean"] {
                    #expect(report.int("totals.\(count)") == 30, "\(count)")
                }
                #expect(report.int("timings_us.ping.count") == 30)
                #expect(report.outcomes == ["ok": 30])
            }
            for direction in ["sent", "received"] {
                #expect(
                    reports[0].int("totals.bytes.\(direction)") == reports[1].int("totals.bytes.\(direction)"))
            }
        }

        @Test func aLowDescriptorLimitTakesMoreProcesses() throws {
            let scratch = Scratch()
            let command = try RunningCommand(
                "/bin/sh",
                [
                    "-c", "ulimit -n 64; exec \"$0\" run churn --duration 2s --quiet --out \(scratch.path)/run",
                    Project.gatecrash,
                ])
            let status = command.wait(seconds: 60)
            let report = ReportDocument(path: scratch.path + "/run/report.json")
            #expect(status == 0 || status == 99, "\(command.output)\(command.errors)")
            #expect(report.int("run.shards") >= 3, "\(command.output)\(command.errors)")
            #expect(report.int("totals.iterations.failed") == 0, "\(command.output)\(command.errors)")
        }

        @Test func aPlanThatCannotFitIsRefusedWithAdvice() throws {
            let run = try GatecrashRun.finished(["--accounts", "100000", "--shards", "1"], profile: Self.short)
            #expect(run.status == 64, "\(run.said)")
            #expect(run.command.errors.contains("--shards"), "\(run.said)")
        }

        @Test func dryRunStartsNothing() throws {
            let run = try GatecrashRun.finished(["--dry-run"], profile: Self.short)
            #expect(run.status == 0 && run.command.output.contains("it fits"), "\(run.said)")
            #expect(!FileManager.default.fileExists(atPath: run.folder))
        }

        @Test func aClosedPortIsUnreachable() throws {
            let peer = try Peer.broken("echo")
            let url = peer.url
            _ = try peer.counts()
            let run = try GatecrashRun.finished(["--target", url], profile: Self.short)
            #expect(run.status == 4 && run.command.errors.contains("refused"), "\(run.said)")
        }

        @Test func aNameThatDoesNotResolveIsUnreachable() throws {
            let run = try GatecrashRun.finished(["--target", "ws://no-such-host.invalid/"], profile: Self.short)
            #expect(run.status == 4 && run.command.errors.contains("no-such-host.invalid"), "\(run.said)")
        }

        @Test func ipv6LoopbackWorks() throws {
            let peer = try Peer.broken("echo", host: "::1")
            let run = try GatecrashRun.finished(["--target", "ws://[::1]:\(peer.port)/"], profile: Self.short)
            #expect(run.status == 0, "\(run.said)")
            #expect(run.report.int("totals.iterations.completed") == 30)
        }

        @Test func jsonOnStandardOutputIsAlone() throws {
            let run = try GatecrashRun.finished(["--json", "-"], profile: Self.short)
            #expect(run.status == 0, "\(run.said)")
            #expect(ReportDocument(text: run.command.output).int("totals.iterations.completed") == 30)
            #expect(run.command.errors.contains("PASS"))
        }

        @Test func aClosedPipeDoesNotChangeTheStatus() throws {
            let scratch = Scratch()
            let profile = try scratch.write(Self.short, to: "short.yaml")
            let command = try RunningCommand(
                "/bin/bash",
                [
                    "-c",
                    "\"$0\" run \(profile) --json - --out \(scratch.path)/run 2>/dev/null | true; echo ${PIPESTATUS[0]}",
                    Project.gatecrash,
                ])
            command.wait(seconds: 60)
            #expect(command.output == "0\n", "\(command.output)\(command.errors)")
            #expect(ReportDocument(path: scratch.path + "/run/report.json").exists)
        }

        /// In a mount namespace of its own, so that nothing stays mounted whatever happens.
        @Test(.enabled(if: canMount, "mounting a small disk needs root"))
        func aFullDiskLosesFilesButNotTheResult() throws {
            let scratch = Scratch()
            let command = try RunningCommand(
                "/usr/bin/env",
                [
                    "unshare", "--mount", "/bin/sh", "-c",
                    """
                    mkdir "$1/disk" && mount -t tmpfs -o size=64k none "$1/disk" &&
                    exec "$0" run churn --duration 4s --out "$1/disk/run" --json "$1/report.json"
                    """, Project.gatecrash, scratch.path,
                ])
            let status = command.wait(seconds: 60)
            let said = "status \(status)\n\(command.output)\(command.errors)"
            #expect(status == 1 || status == 99, "\(said)")
            #expect(command.errors.contains("the journal is incomplete"), "\(said)")
            #expect(command.errors.contains("the report could not be written"), "\(said)")
            #expect(command.errors.contains("No space left on device"), "\(said)")
            #expect(command.output.contains("0 failed"), "\(said)")
            let report = ReportDocument(path: scratch.path + "/report.json")
            #expect(report.warnings.contains { $0.contains("journal") }, "\(said)")
            #expect(report.balances, "\(said)")
        }

        private static let canMount: Bool = {
            let trial = try? RunningCommand(
                "/usr/bin/env", ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
            return trial?.wait(seconds: 10) == 0
        }()

        @Test func badProfilesAreToldWithLineAndColumn() throws {
            let scratch = Scratch()
            let profile = try scratch.write(
                "name: bad\naccounts: { count: many }\nload: { duraton: 5s }\nsteps: [conect]\n", to: "bad.yaml")
            let command = try RunningCommand(Project.gatecrash, ["profile", "check", profile])
            #expect(command.wait(seconds: 20) == 64)
            for wanted in ["bad.yaml:2:", "bad.yaml:3:", "duration", "bad.yaml:4:", "connect"] {
                #expect(command.errors.contains(wanted), "\(command.errors)")
            }
            let unknown = try RunningCommand(Project.gatecrash, ["run", "chrun"])
            #expect(unknown.wait(seconds: 20) == 64)
            #expect(unknown.errors.contains("'churn'"), "\(unknown.errors)")
        }
    }
}
