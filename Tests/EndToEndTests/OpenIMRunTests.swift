import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash run` on an OpenIM deployment that nobody wrote for it: both sides counted the same.
    @Suite struct OpenIMRunTests {
        struct Framing: CustomTestStringConvertible {
            let version: String
            /// Entries of the profile's section `openim`.
            let options: String

            var testDescription: String { "\(version) \(options)" }
        }

        static let framings = [
            Framing(version: "3.5.1", options: "compression: false"),
            Framing(version: "3.5.1", options: "compression: true"),
            Framing(version: "3.8.3", options: "compression: false"),
            Framing(version: "3.8.3", options: "compression: true"),
            Framing(version: "3.8.3", options: "encoding: json, first_response: true"),
            Framing(version: "3.8.3", options: "encoding: json, compression: true"),
        ]

        /// Every account logs in three times, asks for its numbers, writes to itself, and logs out.
        @Test(arguments: framings)
        func bothSidesCountTheSame(_ framing: Framing) throws {
            let server = try OpenIMServer(framing.version)
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: """
                    name: self
                    dialect: openim
                    openim: { version: \(framing.version), \(framing.options) }
                    accounts: { count: 20, id: "e2e_{index}" }
                    load: { iterations: 3, ramp: 100ms }
                    steps:
                      - connect
                      - newest_sequence
                      - send: { to: self, text: "hello 你好 from {account}" }
                      - receive: ack
                      - receive: { push: own }
                      - ping
                      - logout
                    """)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 0, "\(run.said)")
            #expect(report.outcomes == ["ok": 60], "\(run.said)")
            #expect(report.balances, "\(run.said)")
            for count in [
                "handshakes", "messages", "acks", "pushes", "logouts", "requests.1001", "server_ended.logout",
            ] {
                #expect(record.int(count) == 60, "\(count) is \(record.int(count)): \(run.said)")
            }
            for count in ["errors", "kicks", "own_pushes", "frozen", "text_pings"] {
                #expect(record.int(count) == 0, "\(count) is \(record.int(count)): \(run.said)")
            }
            // One to be admitted, one as a step.
            #expect(record.int("pings") == 120, "\(run.said)")
            #expect(record.int("users_registered") == 20)
            #expect(record.value("refused") as? [String: Int] == [:])
            #expect(report.int("totals.ledger.opened") == 60)
            #expect(report.int("totals.ledger.closed_clean") == 60)
            #expect(report.int("timings_us.delivery.count") == 60)
            #expect(report.int("timings_us.reply.count") >= 60)
            try report.expectKeepsSchema()
        }

        /// The ready profile finds out the version by itself.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func theChurnProfileNeedsNoGlue(_ version: String) throws {
            let server = try OpenIMServer(version)
            let run = try GatecrashRun.finished(
                ["openim-churn"] + server.arguments + ["--duration", "5s", "--quiet"], seconds: 90)
            let (report, record) = (run.report, server.record())
            // The profile's limits on time are about speed, which a test does not judge.
            #expect(run.status == 0 || run.status == 99, "\(run.said)")
            let started = report.int("totals.iterations.started")
            #expect(started > 100, "\(run.said)")
            #expect(report.outcomes == ["ok": started], "\(run.said)")
            #expect(report.balances, "\(run.said)")
            #expect(record.int("handshakes") == report.int("totals.ledger.opened"))
            #expect(record.int("closes_received") == report.int("totals.ledger.closed_clean"))
            #expect(record.int("messages") == report.int("totals.messages.sent"))
            #expect(record.int("acks") == report.int("totals.messages.sent"))
            #expect(record.int("kicks") == 0 && record.int("errors") == 0)
            let sent = record.int("acks") + record.int("pushes") + record.int("own_pushes")
            let received = report.int("totals.messages.received")
            #expect(received >= record.int("acks") && received <= sent, "\(received) of \(sent)")
        }

        /// Whichever comes first, the answer or the push of one's own message.
        @Test(arguments: [[], ["--push-before-ack"]])
        func deliveriesBetweenPairsAreTimed(_ options: [String]) throws {
            let server = try OpenIMServer("3.8.3", options)
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet", "--shards", "2"],
                profile: """
                    name: pairs
                    dialect: openim
                    accounts: { count: 20, id: "pairs_{index}" }
                    load: { iterations: 1, ramp: 100ms }
                    steps:
                      - connect
                      - wait: 2s
                      - repeat:
                          times: 20
                          steps: [send: { to: pair, text: "{sequence}" }, receive: ack, receive: { push: others }]
                      - wait: 1s
                      - close
                    """)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 0, "\(run.said)")
            #expect(report.outcomes == ["ok": 20], "\(run.said)")
            for count in ["messages", "acks", "pushes", "own_pushes"] {
                #expect(record.int(count) == 400, "\(count) is \(record.int(count)): \(run.said)")
            }
            // The receivers' and, if it counts them, the senders' own.
            let delivered = report.int("timings_us.delivery.count")
            #expect(delivered == 400 || delivered == 800, "\(delivered): \(run.said)")
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func aFrozenGatewayIsNamed(_ version: String) throws {
            let server = try OpenIMServer(version, ["--freeze-after", "300"])
            let run = try GatecrashRun.finished(
                ["openim-churn"] + server.arguments
                    + ["--duration", "12s", "--stall-after", "3s", "--grace", "2s", "--quiet"], seconds: 90)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 6, "\(run.said)")
            #expect(report.findings["admission_stall"] == "critical", "\(run.said)")
            #expect(
                report.findings.keys.allSatisfy { ["admission_stall", "connection_freeze"].contains($0) }, "\(run.said)"
            )
            #expect(record.int("frozen") > 0)
            #expect(record.int("handshakes") == 300 + record.int("frozen"))
            // Those behind the first 300 have their 101 and are opened never.
            #expect(report.int("totals.ledger.opened") == 300, "\(run.said)")
            #expect(report.balances, "\(run.said)")
        }

        @Test func missingPushesAreNoAnswer() throws {
            let server = try OpenIMServer("3.5.1", ["--drop-pushes"])
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: """
                    name: dropped
                    dialect: openim
                    accounts: { count: 5, id: "dropped_{index}" }
                    load: { iterations: 1 }
                    timeouts: { receive: 1s }
                    steps: [connect, send: { to: self, text: hello }, receive: ack, receive: { push: own }, close]
                    """)
            #expect(run.status != 0, "\(run.said)")
            #expect(run.report.outcomes == ["receive_timeout": 5], "\(run.said)")
            #expect(server.record().int("dropped_pushes") == 5)
        }

        @Test(arguments: ["3.5.1", "3.8.3"])
        func aRefusalIsNamedByItsCode(_ version: String) throws {
            for code in [1601, 1506] {
                let server = try OpenIMServer(version, ["--refuse", "\(code)"])
                let run = try GatecrashRun.finished(
                    server.arguments + ["--quiet"],
                    profile: """
                        name: refused
                        dialect: openim
                        accounts: { count: 4, id: "refused_{index}" }
                        load: { duration: 2s, grace: 1s }
                        steps: [connect, close]
                        """)
                let (report, record) = (run.report, server.record())
                #expect(run.status != 0, "\(run.said)")
                #expect(Array(report.outcomes.keys) == ["refused:\(code)"], "\(run.said)")
                #expect(report.int("totals.ledger.refused") >= 4, "\(run.said)")
                #expect(record.int("refused.\(code)") == report.int("totals.ledger.refused"), "\(run.said)")
                #expect(report.balances, "\(run.said)")
            }
        }

        /// A takeover kicks the login before it, which the profile expects.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func kicksAreCounted(_ version: String) throws {
            let server = try OpenIMServer(version)
            let run = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: """
                    name: takeover
                    dialect: openim
                    accounts: { count: 10, id: "takeover_{index}" }
                    kick: { expected: true }
                    load: { iterations: 3, ramp: 100ms }
                    steps: [connect, newest_sequence, takeover, newest_sequence, close]
                    """)
            let (report, record) = (run.report, server.record())
            #expect(run.status == 0, "\(run.said)")
            #expect(report.outcomes == ["ok": 30], "\(run.said)")
            #expect(record.int("kicks") == 30, "\(run.said)")
            #expect(record.int("handshakes") == 60 && report.int("totals.ledger.opened") == 60, "\(run.said)")
            #expect(report.balances, "\(run.said)")
        }

        /// Two programs with the same accounts: the second one's logins kick the first one's.
        @Test func aKickThatNobodyExpectedIsAnOutcome() throws {
            let server = try OpenIMServer("3.5.1")
            let steps = """
                dialect: openim
                openim: { version: 3.5.1 }
                accounts: { count: 5, id: "twice_{index}" }
                """
            let first = try GatecrashRun(
                server.arguments + ["--quiet"],
                profile: "name: first\n\(steps)\nload: { duration: 8s, grace: 1s }\nsteps: [connect, wait: end, close]")
            let deadline = Date(timeIntervalSinceNow: 20)
            while Date() < deadline, try !online(server, "twice_4") { usleep(100_000) }
            let second = try GatecrashRun.finished(
                server.arguments + ["--quiet"],
                profile: "name: second\n\(steps)\nload: { iterations: 1 }\nsteps: [connect, newest_sequence, close]")
            first.wait(seconds: 60)
            let record = server.record()
            #expect(record.int("kicks") >= 5, "\(first.said)\n\(second.said)")
            #expect(first.report.outcomes["kicked_unexpectedly:2002"] ?? 0 >= 5, "\(first.said)")
            #expect(first.status != 0, "\(first.said)")
            #expect(first.report.balances, "\(first.said)")
        }

        /// Whether the deployment's API says that the user is online.
        private func online(_ server: OpenIMServer, _ user: String) throws -> Bool {
            let script = """
                import json, sys, urllib.request
                def call(path, body, **headers):
                    request = urllib.request.Request(
                        sys.argv[1] + path, json.dumps(body).encode(), {"operationID": "test", **headers})
                    return json.load(urllib.request.urlopen(request, timeout=10))["data"]
                admin = call("/auth/user_token", {"secret": "openIM123", "platformID": 10, "userID": "openIMAdmin"})
                status = call("/user/get_users_online_status", {"userIDs": [sys.argv[2]]}, token=admin["token"])
                sys.exit(status[0]["status"] != "online")
                """
            return try RunningCommand(Project.python, ["-c", script, server.api, user]).wait(seconds: 20) == 0
        }
    }
}
