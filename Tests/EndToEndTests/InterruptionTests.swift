import Foundation
import Testing

extension EndToEnd {
    /// Whatever is done to a run, there is a report.
    @Suite struct InterruptionTests {
        private static let endless = """
            name: endless
            accounts: { count: 10 }
            load: { duration: 60s, ramp: 100ms, grace: 2s }
            steps: [connect, send: hello, receive, wait: 50ms, close]
            """

        private func started() throws -> GatecrashRun {
            let run = try GatecrashRun([], profile: Self.endless)
            let journal = run.folder + "/journal.ndjson"
            run.command.wait(
                seconds: 20,
                until: { _ in
                    let text = (try? String(contentsOfFile: journal, encoding: .utf8)) ?? ""
                    return text.split(separator: "\n").count { $0.hasPrefix("{\"interval\"") } >= 3
                })
            return run
        }

        @Test func onceFinishesInOrder() throws {
            let run = try started()
            run.command.signal(SIGINT)
            run.wait(seconds: 10)
            #expect(run.status == 130, "\(run.said)")
            let report = run.report
            #expect(report.int("totals.iterations.in_flight_at_end") == 0, "\(run.said)")
            #expect(report.int("totals.iterations.failed") == 0)
            #expect(report.int("totals.iterations.completed") == report.int("totals.iterations.started"))
            #expect(report.balances)
            try report.expectKeepsSchema()
        }

        @Test func twiceStopsNowAndStillReports() throws {
            let peer = try Peer.broken("mute-message")
            let run = try GatecrashRun(
                ["--target", peer.url],
                profile: Self.endless.replacingOccurrences(of: "[connect,", with: "[connect: {admit: none},"))
            run.command.wait(seconds: 20, until: { $0.errors.contains("receiving") })
            run.command.signal(SIGINT)
            usleep(300_000)
            run.command.signal(SIGINT)
            let again = Date()
            run.wait(seconds: 10)
            #expect(Date().timeIntervalSince(again) < 8, "\(run.said)")
            #expect(run.status == 130, "\(run.said)")
            #expect(run.report.int("totals.iterations.in_flight_at_end") == 10, "\(run.said)")
            #expect(run.report.int("pending_at_end.receiving.count") == 10, "\(run.said)")
            #expect(run.report.balances)
        }

        @Test func aKilledRunIsRecoveredToItsLastSecond() throws {
            let run = try started()
            let children = Self.children(of: run.command.pid)
            #expect(children.count == 2, "a shard and a gateway")
            let journal = try FileManager.default.attributesOfItem(atPath: run.folder + "/journal.ndjson")
            let written = try #require(journal[.modificationDate] as? Date)
            #expect(Date().timeIntervalSince(written) < 5, "a line a second")
            run.command.signal(SIGKILL)
            run.wait(seconds: 10)
            #expect(!run.report.exists)
            let recovery = try RunningCommand(Project.gatecrash, ["report", "recover", run.folder])
            #expect(recovery.wait(seconds: 20) == 0, "\(recovery.errors)")
            let report = run.report
            #expect(report.int("totals.iterations.completed") > 0, "\(recovery.output)")
            let seconds = (report.value("run.duration_s") as? NSNumber)?.doubleValue ?? 0
            let series = report.value("series") as? [Any] ?? []
            #expect(seconds >= 2 && abs(series.count - Int(seconds.rounded())) <= 1, "\(recovery.output)")
            #expect(report.balances, "\(recovery.output)")
            #expect(report.int("verdict.exit_status") == 130)
            try report.expectKeepsSchema()
            let shown = try RunningCommand(Project.gatecrash, ["report", "show", run.folder])
            #expect(shown.wait(seconds: 20) == 0 && shown.output.contains("INVALID"), "\(shown.output)\(shown.errors)")
            // What it had started sees that it is gone.
            let deadline = Date(timeIntervalSinceNow: 10)
            while children.contains(where: Self.isGatecrash), Date() < deadline { usleep(50_000) }
            #expect(!children.contains(where: Self.isGatecrash), "\(children)")
        }

        @Test func aDeadGatewayIsTheServersFault() throws {
            let run = try GatecrashRun(["--duration", "3s"], profile: Self.endless)
            run.command.wait(seconds: 20, until: { $0.errors.contains(" s of 3 s") })
            let gateway = try #require(Self.children(of: run.command.pid, named: "gateway").first)
            kill(gateway, SIGKILL)
            run.wait(seconds: 30)
            #expect(run.status == 6, "\(run.said)")
            #expect(run.report.findings["process_exit"] == "critical", "\(run.said)")
            #expect(run.command.errors.contains("process_exit"), "\(run.said)")
            #expect((run.report.outcomes["refused"] ?? 0) > 0, "\(run.said)")
            #expect(run.report.balances)
        }

        @Test func aDeadShardInvalidatesTheRunAndKeepsTheRest() throws {
            let run = try GatecrashRun(["--shards", "2", "--duration", "4s"], profile: Self.endless)
            run.command.wait(seconds: 20, until: { $0.errors.contains(" s of 4 s") })
            usleep(1_500_000)
            let shard = try #require(Self.children(of: run.command.pid, named: "shard").first)
            kill(shard, SIGKILL)
            run.wait(seconds: 30)
            #expect(run.status == 5, "\(run.said)")
            #expect(run.report.findings["process_exit"] == "critical", "\(run.said)")
            #expect(run.report.int("totals.iterations.completed") > 0)
            #expect(run.report.balances, "\(run.said)")
            try run.report.expectKeepsSchema()
        }

        @Test func aServerKilledMidRunIsSurvived() throws {
            let peer = try Peer.broken("echo")
            let run = try GatecrashRun(["--target", peer.url, "--duration", "4s"], profile: Self.endless)
            run.command.wait(seconds: 20, until: { $0.errors.contains(" s of 4 s") })
            usleep(1_000_000)
            peer.signal(SIGKILL)
            run.wait(seconds: 30)
            #expect(run.status == 99 || run.status == 6, "\(run.said)")
            #expect((run.report.outcomes["refused"] ?? 0) > 0, "\(run.said)")
            #expect(run.report.int("totals.iterations.completed") > 0)
            #expect(run.report.balances)
        }

        /// Also when the pause is longer than `stall.after`: what answers late is slow or was paused, but is not stuck.
        @Test(arguments: ["5s", "1s"])
        func aPausedServerShowsInTheTimesAndIsNotAccused(_ stallAfter: String) throws {
            let peer = try Peer.broken("echo")
            let run = try GatecrashRun(
                ["--target", peer.url, "--duration", "6s", "--stall-after", stallAfter], profile: Self.endless)
            run.command.wait(seconds: 20, until: { $0.errors.contains(" s of 6 s") })
            usleep(500_000)
            peer.signal(SIGSTOP)
            usleep(3_000_000)
            peer.signal(SIGCONT)
            run.wait(seconds: 30)
            let report = run.report
            #expect(run.status == 0, "\(run.said)")
            let slowest = ["connect", "handshake", "admission", "reply", "close"].map {
                report.int("timings_us.\($0).max")
            }.max()
            #expect(slowest ?? 0 > 2_500_000, "\(run.said)")
            #expect(report.int("totals.iterations.failed") == 0)
            #expect(report.findings.values.allSatisfy { $0 == "warning" }, "\(run.said)")
            #expect(report.findings.isEmpty == (stallAfter == "5s"), "\(run.said)")
        }

        private static func children(of parent: Int32, named word: String = "") -> [Int32] {
            let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
            return pids.filter { pid in
                let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
                return status.contains("PPid:\t\(parent)\n") && commandLine(of: pid).contains("\0\(word)")
            }
        }

        private static func commandLine(of pid: Int32) -> String {
            (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        }

        /// A zombie has no command line any more.
        private static func isGatecrash(_ pid: Int32) -> Bool { commandLine(of: pid).contains("gatecrash") }
    }
}
