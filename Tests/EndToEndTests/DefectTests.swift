import Foundation
import Testing

extension EndToEnd {
    /// Every defect of the bundled stack under load: what it is called, how soon, and which line names the cause.
    ///
    /// The rows are those of the README's table.
    @Suite struct DefectTests {
        struct Row: CustomTestStringConvertible {
            let defect: String
            var arguments: [String]
            let finding: String
            var severity = "critical"
            var status: Int32 = 6
            var freezeClass: String?
            /// From the finding's own onset, or from the start, to the finding, seconds.
            let withinS: Double
            /// Each must stand in some line of the scene.
            var lines: [String] = []

            var testDescription: String { defect }
        }

        private static let churn = ["churn", "--duration", "12s", "--stall-after", "3s", "--grace", "2s"]
        private static func deadlock(_ options: String) -> [String] {
            ["--defect", "register-unregister-deadlock:\(options)"]
        }

        static let rows = [
            Row(
                defect: "W1: the loop waits for a place in the queue that only it empties",
                arguments: ["freeze", "--duration", "15s"], finding: "connection_freeze",
                freezeClass: "deadlock_suspected", withinS: 5,
                lines: ["the unregister queue of gateway is full", "hub thread", "kicking session"]),
            Row(
                defect: "W2: the loop waits for a lock whose holder waits for the queue",
                arguments: churn + deadlock("order=B,pool=off,queue=20,register=1ms,unregister=1ms,kick=1ms"),
                finding: "connection_freeze", freezeClass: "deadlock_suspected", withinS: 5,
                lines: ["write lock", "unregister queue"]),
            Row(
                defect: "W3: the loops of two gateways wait for each other",
                arguments: churn + ["--gateways", "2"] + deadlock("order=A,queue=10,register=0s,unregister=0s"),
                finding: "connection_freeze", freezeClass: "deadlock_suspected", withinS: 5,
                lines: ["gateway-0", "gateway-1"]),
            Row(
                defect: "the wait before the 101: handshakes hang",
                arguments: ["freeze", "--duration", "15s"] + deadlock("handshake=behind-queue"),
                finding: "connection_freeze", freezeClass: "deadlock_suspected", withinS: 5,
                lines: ["the unregister queue of gateway is full"]),
            Row(
                defect: "message-service-hang", arguments: churn + ["--defect", "message-service-hang:after=2s"],
                finding: "reply_stall", withinS: 5, lines: ["tcp:ESTABLISHED"]),
            Row(
                defect: "never-close", arguments: churn + ["--defect", "never-close"], finding: "close_stall",
                withinS: 5),
            Row(
                defect: "stop-reading",
                arguments: ["echo", "--duration", "10s", "--stall-after", "3s", "--grace", "2s"]
                    + ["--defect", "stop-reading:after=3s"], finding: "reply_stall", withinS: 5),
            Row(
                defect: "crash-after", arguments: churn + ["--defect", "crash-after:time=3s"],
                finding: "process_exit", withinS: 8),
            Row(
                defect: "slow-handshake",
                arguments: churn + ["--defect", "slow-handshake:p99=8s"],
                finding: "handshake_stall", severity: "warning", status: 99, withinS: 8),
            Row(
                defect: "slow",
                arguments: ["churn", "--duration", "15s", "--stall-after", "500ms", "--accounts", "1500"]
                    + ["--defect", "slow:cpu=3ms"], finding: "overload", severity: "warning", status: 99, withinS: 12),
            Row(
                defect: "memory-growth",
                arguments: ["echo", "--duration", "30s", "--defect", "memory-growth:bytes=256"],
                finding: "memory_growth", severity: "warning", status: 0, withinS: 30),
        ]

        @Test(arguments: rows)
        func isFoundAndNamed(_ row: Row) throws {
            let run = try GatecrashRun.finished(row.arguments + ["--quiet"], seconds: 90)
            let report = run.report
            #expect(run.status == row.status, "\(run.said)")
            #expect(report.findings[row.finding] == row.severity, "\(run.said)")
            let onsetS = report.number(ofFinding: row.finding, "onset_s")
            let beganS = report.evidence(ofFinding: row.finding, "onset_s").flatMap(Double.init)
            #expect(onsetS - (beganS ?? min(onsetS, 3)) <= row.withinS, "\(run.said)")
            if let freezeClass = row.freezeClass {
                #expect(report.evidence(ofFinding: row.finding, "class") == freezeClass, "\(run.said)")
            }
            let lines = report.sceneLines
            for line in row.lines {
                #expect(lines.contains { $0.contains(line) }, "no line with '\(line)' in \(lines)\n\(run.said)")
            }
            #expect(report.balances, "\(run.said)")
            try report.expectKeepsSchema()
            for file in report.evidenceFiles {
                #expect(FileManager.default.fileExists(atPath: "\(run.folder)/\(file)"), "\(file)")
            }
        }

        /// The same load on the cured gateway: nothing is found.
        @Test(arguments: [
            ["freeze", "--duration", "8s", "--defect", "register-unregister-deadlock:cure=kick-elsewhere"],
            ["freeze", "--duration", "8s", "--defect", "register-unregister-deadlock:cure=unbounded-unregister"],
            ["freeze", "--duration", "8s", "--defect", "register-unregister-deadlock:cure=split-loops"],
            churn + deadlock("order=B,pool=off,queue=20,register=1ms,unregister=1ms,kick=1ms,cure=kick-elsewhere"),
            ["kick-storm", "--duration", "8s"],
            ["exhaustion", "--duration", "8s", "--defect", "address-lookup-per-log-line:leak=0.1,cure=environment"],
            ["exhaustion", "--duration", "8s", "--defect", "address-lookup-per-log-line:leak=0.1,cure=off"],
        ])
        func theCurePasses(_ arguments: [String]) throws {
            let run = try GatecrashRun.finished(arguments + ["--quiet"], seconds: 90)
            #expect(run.status == 0, "\(run.said)")
            #expect(run.report.findings.isEmpty, "\(run.said)")
        }

        /// Side by side: none of them keeps a processor busy.
        @Test func leaksAreMeasured() throws {
            let leak = try GatecrashRun(["leak", "--quiet"])
            let push = try GatecrashRun(["leak", "--quiet", "--defect", "grpc-connection-per-push:share=0.02"])
            let cured = try GatecrashRun(
                ["leak", "--quiet", "--defect", "address-lookup-per-log-line:leak=0.01,cure=cached"])
            for run in [leak, push] {
                run.wait(seconds: 90)
                #expect(run.status == 6, "\(run.said)")
                #expect(run.report.number(ofFinding: "fd_leak", "onset_s") <= 30, "\(run.said)")
            }
            #expect(leak.report.evidence(ofFinding: "fd_leak", "kind") == "netlink")
            let slope =
                leak.report.evidence(ofFinding: "fd_leak", "slope_per_1000_messages").flatMap(Double.init) ?? 0
            #expect(abs(slope - 10) <= 1, "1 of 100 messages, not \(slope) of 1,000: \(leak.said)")
            let lines = leak.report.sceneLines
            #expect(lines.contains { $0.contains("messages: +") && $0.contains("netlink") }, "\(lines)")
            #expect(push.report.evidence(ofFinding: "fd_leak", "kind") == "tcp:ESTABLISHED", "\(push.said)")
            cured.wait(seconds: 60)
            #expect(cured.status == 0 && cured.report.findings.isEmpty, "\(cured.said)")
        }

        @Test func exhaustionIsFoundSoonAfterTheFirstFailedAccept() throws {
            let run = try GatecrashRun.finished(["exhaustion", "--quiet"], seconds: 90)
            #expect(run.status == 6, "\(run.said)")
            let journal = try String(contentsOfFile: run.folder + "/journal.ndjson", encoding: .utf8)
            let failure = try #require(
                journal.split(separator: "\n").map { ReportDocument(text: String($0)) }.first {
                    $0.value("event.kind") as? String == "accept_failed"
                })
            let firstS = try #require(failure.value("event.at_s") as? Double)
            #expect(run.report.number(ofFinding: "fd_exhaustion", "onset_s") - firstS <= 3, "\(run.said)")
            #expect(run.report.findings["fd_exhaustion"] == "critical")
            #expect(run.report.sceneLines.contains { $0.contains("netlink") }, "\(run.said)")
            let log = try String(contentsOfFile: run.folder + "/messages.log", encoding: .utf8)
            #expect(log.contains("accept4: too many open files; retrying in 5ms"))
        }

        @Test func failFastKeepsTheSceneAndEndsTheRun() throws {
            let started = Date()
            let run = try GatecrashRun.finished(["freeze", "--fail-fast", "--quiet"], seconds: 60)
            #expect(run.status == 6, "\(run.said)")
            // Far from the profile's 30 s and the grace behind them.
            #expect(Date().timeIntervalSince(started) < 28, "\(run.said)")
            #expect(!run.report.sceneLines.isEmpty, "\(run.said)")
            let last = run.command.output.split(separator: "\n").suffix(14).joined(separator: "\n")
            #expect(last.contains("the unregister queue of gateway is full"), "\(last)")
            #expect(run.command.errors.contains("critical finding"))
        }

        @Test func aDefectThatIsNoneIsSaid() throws {
            for words in [["run", "churn", "--defect", "slwo"], ["gateway", "--defect", "slow:cpuu=1ms"]] {
                let command = try RunningCommand(Project.gatecrash, words)
                #expect(command.wait(seconds: 20) == 64, "\(command.errors)")
                #expect(command.errors.contains("slow"), "\(command.errors)")
            }
        }
    }
}
