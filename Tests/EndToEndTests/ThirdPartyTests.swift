import Foundation
import Testing

extension EndToEnd {
    /// Servers that nobody here wrote: nothing fails, and both sides counted the same.
    @Suite struct ThirdPartyTests {
        static let seconds = ProcessInfo.processInfo.environment["GATECRASH_E2E_SECONDS"] ?? "20"

        static let servers: [(name: String, program: String, arguments: [String])] = [
            ("Python websockets", Project.python, ["-B", Project.peer("websockets_server.py")]),
            ("Node ws", "/usr/bin/env", ["node", Project.peer("ws_server.js")]),
            ("libwebsockets", Project.peer("libwebsockets_server"), []),
        ]

        @Test(arguments: [0, 1, 2])
        func churnsWithoutAFailureAndCountsAgree(_ index: Int) throws {
            let server = Self.servers[index]
            let peer = try Peer(server.program, server.arguments)
            let run = try GatecrashRun.finished(
                ["Profiles/churn.yaml", "--target", peer.url, "--duration", "\(Self.seconds)s", "--quiet"].map {
                    $0.hasPrefix("Profiles/") ? Project.root.appending(path: $0).path : $0
                }, seconds: 120)
            let report = run.report
            // The profile's limit on handshake time is about speed, which a test does not judge.
            #expect(run.status == 0 || run.status == 99, "\(server.name): \(run.said)")
            #expect(report.int("totals.iterations.failed") == 0, "\(server.name): \(run.said)")
            #expect(report.int("totals.iterations.completed") > 100, "\(server.name): \(run.said)")
            #expect(report.balances)
            let counts = try peer.counts()
            #expect(counts["connections"] == report.int("totals.ledger.opened"), "\(server.name)")
            #expect(counts["messages"] == report.int("totals.messages.sent"), "\(server.name)")
            #expect(report.int("totals.messages.received") == report.int("totals.messages.sent"), "\(server.name)")
            #expect(counts["closes_clean"] == report.int("totals.ledger.closed_clean"), "\(server.name)")
            try report.expectKeepsSchema()
        }

        private static let steps = """
            name: tls
            accounts: { count: 5 }
            load: { iterations: 3, ramp: 10ms }
            steps: [connect, send: hello, receive, close]
            """

        @Test func tlsTrustsTheNamedAuthorityAndChecksTheName() throws {
            let scratch = Scratch()
            let (key, certificate) = (scratch.path + "/key.pem", scratch.path + "/certificate.pem")
            let made = try RunningCommand(
                "/usr/bin/env",
                [
                    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                ])
            try #require(made.wait(seconds: 30) == 0, "\(made.errors)")
            let peer = try Peer(
                Project.python, ["-B", Project.peer("websockets_server.py"), "--cert", certificate, "--key", key])
            let url = "wss://127.0.0.1:\(peer.port)/"

            let trusted = try GatecrashRun.finished(["--target", url, "--ca", certificate], profile: Self.steps)
            #expect(trusted.status == 0, "\(trusted.said)")
            #expect(trusted.report.int("timings_us.tls.count") == 15)

            let untrusted = try GatecrashRun.finished(["--target", url], profile: Self.steps)
            #expect(untrusted.status == 4, "\(untrusted.said)")
            #expect(Array(untrusted.report.outcomes.keys) == ["tls_certificate"])

            let wrongName = try GatecrashRun.finished(
                ["--target", url, "--ca", certificate, "--server-name", "example.org"], profile: Self.steps)
            #expect(Array(wrongName.report.outcomes.keys) == ["tls_certificate"], "\(wrongName.said)")

            let insecure = try GatecrashRun.finished(["--target", url, "--insecure"], profile: Self.steps)
            #expect(insecure.status == 0, "\(insecure.said)")
            #expect(insecure.report.value("run.tls.insecure") as? Bool == true)
        }
    }
}
