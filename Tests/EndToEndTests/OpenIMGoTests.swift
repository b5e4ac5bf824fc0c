import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash` on a gateway made of what OpenIM's is made of: Go's gob, JSON and gzip, gorilla's WebSocket, goroutines and
    /// channels. Both count the same; and the gateway locks up by itself, in its own event loop, and is found out.
    @Suite struct OpenIMGoTests {
        /// The Python client, of another author, finds it to be an OpenIM deployment.
        @Test(arguments: [["3.5.1", "--gzip"], ["3.8.3", "--json"]])
        func itIsAnOpenIMDeployment(_ words: [String]) throws {
            let server = try OpenIMGoServer(words[0], ["-reuse=false"])
            let skipped = OpenIMGoServer.leftOut.flatMap { ["--skip", $0] }
            let client = try OpenIMServer.check(
                gateway: server.gateway, api: server.api, version: words[0], words.dropFirst() + skipped)
            let status = client.wait(seconds: 60)
            let failed = client.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
            #expect(status == 0, "\(failed)\n\(client.errors)")
        }

        struct Framing: CustomTestStringConvertible {
            let version: String
            /// Entries of the profile's section `openim`.
            let options: String

            var testDescription: String { "\(version) \(options)" }
        }

        static let framings = [
            Framing(version: "3.5.1", options: "compression: false"),
            Framing(version: "3.5.1", options: "compression: true"),
            Framing(version: "3.8.3", options: "compression: true"),
            Framing(version: "3.8.3", options: "encoding: json, first_response: true"),
            Framing(version: "3.8.3", options: "encoding: json, compression: true"),
        ]

        /// Log in, ask, write to oneself, log out: each request's answer and each push, as Go's libraries write them. The
        /// pause is for the event loop: a connection is served before it is registered, and pushed to only behind that.
        @Test(arguments: framings)
        func bothSidesCountTheSame(_ framing: Framing) throws {
            let server = try OpenIMGoServer(framing.version, ["-call", "0", "-reuse=false"])
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: """
                    name: self
                    dialect: openim
                    openim: { version: \(framing.version), \(framing.options) }
                    accounts: { count: 20, id: "go_{index}" }
                    load: { iterations: 2, ramp: 100ms }
                    steps:
                      - connect
                      - wait: 1s
                      - newest_sequence
                      - send: { to: self, text: "hello 你好 <&> from {account}" }
                      - receive: ack
                      - receive: { push: own }
                      - ping
                      - logout
                    """)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 0, "\(run.said)")
            #expect(report.outcomes == ["ok": 40] && report.balances, "\(run.said)")
            for count in [
                "handshakes", "messages", "acks", "pushes", "logouts", "requests.1001", "requests.1003",
                "server_ended.logout",
            ] {
                #expect(record.int(count) == 40, "\(count) is \(record.int(count)): \(run.said)")
            }
            for count in [
                "errors", "kicks", "own_pushes", "text_pings", "client_ended", "closes_received", "pushes_to_nobody",
                "online",
            ] {
                #expect(record.int(count) == 0, "\(count) is \(record.int(count)): \(run.said)")
            }
            // One to be admitted, one as a step.
            #expect(record.int("pings") == 80, "\(run.said)")
            #expect(record.value("refused") as? [String: Int] == [:] && record.int("users_registered") == 20)
        }

        /// The ready profile, at full churn; the gateway makes no calls, keeps up, and is accused of nothing.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func aHealthyGatewayIsNotAccused(_ version: String) throws {
            let server = try OpenIMGoServer(version, ["-call", "0", "-reuse=false"])
            let run = try GatecrashRun.finished(
                ["openim-churn"] + server.arguments + ["--duration", "3s", "--quiet"] + server.watched)
            let (report, record) = (run.report, server.record())
            // The profile's limits on time are about speed, which a test does not judge.
            #expect(run.status == 0 || run.status == 99, "\(run.said)")
            #expect(report.findings.isEmpty, "\(run.said)")
            let started = report.int("totals.iterations.started")
            #expect(started > 100 && report.outcomes == ["ok": started] && report.balances, "\(run.said)")
            #expect(record.int("handshakes") == report.int("totals.ledger.opened"))
            #expect(record.int("closes_received") == report.int("totals.ledger.closed_clean"))
            #expect(record.int("acks") == report.int("totals.messages.sent"))
            #expect(record.int("kicks") == 0 && record.int("errors") == 0, "\(run.said)")
            let sent = record.int("acks") + record.int("pushes") + record.int("own_pushes")
            let received = report.int("totals.messages.received")
            #expect(received >= record.int("acks") && received <= sent, "\(received) of \(sent)")
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func kicksAreCounted(_ version: String) throws {
            let server = try OpenIMGoServer(version, ["-reuse=false"])
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: """
                    name: takeover
                    dialect: openim
                    accounts: { count: 10, id: "takeover_{index}" }
                    kick: { expected: true }
                    load: { iterations: 3, ramp: 100ms }
                    steps: [connect, newest_sequence, wait: 500ms, takeover, newest_sequence, wait: 500ms, close]
                    """)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 0, "\(run.said)")
            #expect(report.outcomes == ["ok": 30] && report.balances, "\(run.said)")
            #expect(record.int("kicks") == 30, "\(run.said)")
            #expect(record.int("handshakes") == 60 && report.int("totals.ledger.opened") == 60, "\(run.said)")
        }

        /// The event loop gets to the point where it sends to the channel that only it reads. Calls take long enough for a
        /// busy machine to be many times too fast for it.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func itFreezesAndIsNamed(_ version: String) throws {
            try expectDeadlock(["openim-freeze", "--duration", "12s"], version, ["-call", "5ms"])
        }

        @Test func aSlowReaderFreezesIt() throws {
            try expectDeadlock(["openim-slow-reader"], "3.5.1", [])
        }

        /// Whether it gets there hangs on which of two ready channels Go takes: one in ten gateways remains alive, slow, and
        /// then is not accused. Another one is tried.
        private func expectDeadlock(_ words: [String], _ version: String, _ options: [String]) throws {
            var run: GatecrashRun
            var attempts = 0
            repeat {
                let server = try OpenIMGoServer(version, options)
                run = try GatecrashRun.finished(
                    words + server.arguments + server.watched + ["--fail-fast", "--quiet"], seconds: 90)
                attempts += 1
                if run.status == 0 { #expect(!run.report.findings.values.contains("critical"), "\(run.said)") }
            } while run.status == 0 && attempts < 3
            let report = run.report
            #expect(run.status == 6, "\(run.said)")
            #expect(report.findings["admission_stall"] == "critical", "\(run.said)")
            #expect(report.findings["connection_freeze"] == "critical", "\(run.said)")
            #expect(
                report.evidence(ofFinding: "connection_freeze", "class") == "deadlock_suspected", "\(run.said)")
            #expect(report.balances, "\(run.said)")
            // Its goroutines say which one it is: the only receiver of both channels, in a kick.
            let lines = report.sceneLines
            let suspects = lines.filter { $0.contains("alone") }
            #expect(suspects.count == 1, "\(lines)")
            #expect(suspects.allSatisfy { $0.contains("kick") && $0.contains("runEventLoop") }, "\(lines)")
            #expect(lines.contains { $0.contains("goroutines: chan send") && $0.contains("serveClient") }, "\(lines)")
        }

        /// The same load on a gateway that kicks nobody: slow, both queues full, and alive.
        @Test func whoKicksNobodyIsNotAccusedOfADeadlock() throws {
            let server = try OpenIMGoServer("3.5.1", ["-policy", "0"])
            let run = try GatecrashRun.finished(
                ["openim-freeze"] + server.arguments + server.watched + ["--duration", "6s", "--quiet"])
            let report = run.report
            #expect(run.status == 0, "\(run.said)")
            #expect(report.findings.isEmpty, "\(run.said)")
            #expect(report.int("totals.iterations.started") > 100 && report.balances, "\(run.said)")
            #expect(server.record().int("kicks") == 0)
        }
    }
}

/// `Peers/openim_go`, built once.
final class OpenIMGoServer {
    private let command: RunningCommand
    /// `ws://HOST:PORT/`
    let gateway: String
    /// `http://HOST:PORT`
    let api: String
    /// `http://HOST:PORT` of metrics and pprof.
    let debug: String

    /// Checks of `openim_client.py` on what it leaves out, see its `main.go`, and one on the length of a handshake's key,
    /// at which the library does not look in the version that Debian has (and OpenIM 3.5.1).
    static let leftOut = [
        "delivery/requests-of-3.8", "delivery/changes-of-who-is-online", "delivery/by-an-administrator",
        "handshake/bad-key-and-method", "rest/token-is-needed", "rest/bad-json", "rest/users-status", "rest/newest-seq",
    ]

    private static let binary = Result {
        let folder = Project.root.appending(path: ".build/tools/peers").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Debian's packages of Go libraries are a GOPATH.
        let build = try RunningCommand(
            "/usr/bin/env",
            [
                "GO111MODULE=off", "GOFLAGS=", "GOPATH=/usr/share/gocode", "GOCACHE=\(folder)/go-cache", "go", "build",
                "-o", "\(folder)/openim_go", ".",
            ], folder: Project.peer("openim_go"))
        guard build.wait(seconds: 240) == 0 else {
            throw Peer.NotStarted(description: "tools/install-packages test\n\(build.errors)")
        }
        return "\(folder)/openim_go"
    }

    init(_ version: String, _ options: [String] = []) throws {
        command = try RunningCommand(
            Self.binary.get(), ["-version", version, "-max-seconds", "180"] + options, keepsInputOpen: true)
        command.wait(seconds: 20, until: { $0.output.contains("\n") })
        let ports = ReportDocument(text: command.output)
        gateway = "ws://127.0.0.1:\(ports.int("gateway"))/"
        api = "http://127.0.0.1:\(ports.int("api"))"
        debug = "http://127.0.0.1:\(ports.int("debug"))"
    }

    /// What `gatecrash run` is told of it.
    var arguments: [String] { ["--target", gateway, "--openim-api", api] }
    /// The same of what it shows of itself.
    var watched: [String] { ["--watch-url", debug + "/metrics", "--pprof", debug + "/debug/pprof"] }

    /// Ends it: what it has seen, see its `record.go`.
    func record() -> ReportDocument {
        command.signal(SIGTERM)
        command.wait(seconds: 20)
        return ReportDocument(text: command.output.split(separator: "\n").last.map(String.init) ?? "")
    }
}
