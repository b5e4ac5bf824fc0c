import Foundation
import Testing

extension EndToEnd {
    /// Servers that nobody here wrote: nothing fails, and both sides counted the same.
    @Suite struct ThirdPartyTests {
        static let seconds = ProcessInfo.processInfo.environment["GATECRASH_E2E_SECONDS"] ?? "20"

        private static func works(_ words: String...) -> Bool {
            (try? RunningCommand("/usr/bin/env", words).wait(seconds: 20)) == 0
        }

        private static let hasWebsockets = works(Project.python, "-c", "import websockets")
        private static let hasNodeWS = works(
            "node", "-e", "try { require('ws') } catch { require('/usr/share/nodejs/ws') }")
        private static let hasLibwebsockets = FileManager.default.fileExists(atPath: "/usr/include/libwebsockets.h")

        @Test(.enabled(if: hasWebsockets, "tools/install-python installs the library"))
        func pythonWebsocketsCountsTheSame() throws {
            try churn(against: Peer(Project.python, ["-B", Project.peer("websockets_server.py")]))
        }

        @Test(.enabled(if: hasNodeWS, "tools/install-packages test installs node-ws"))
        func nodeWSCountsTheSame() throws {
            try churn(against: Peer("/usr/bin/env", ["node", Project.peer("ws_server.js")]))
        }

        @Test(.enabled(if: hasLibwebsockets, "tools/install-packages test installs libwebsockets-dev"))
        func libwebsocketsCountsTheSame() throws {
            try churn(against: Peer(Project.peer("libwebsockets_server"), []))
        }

        private func churn(against peer: Peer) throws {
            let run = try GatecrashRun.finished(
                [
                    Project.root.appending(path: "Profiles/churn.yaml").path, "--target", peer.url, "--duration",
                    "\(Self.seconds)s", "--quiet",
                ], seconds: 120)
            let report = run.report
            // The profile's limit on handshake time is about speed, which a test does not judge.
            #expect(run.status == 0 || run.status == 99, "\(run.said)")
            #expect(report.int("totals.iterations.failed") == 0, "\(run.said)")
            #expect(report.int("totals.iterations.completed") > 100, "\(run.said)")
            #expect(report.outcomes == ["ok": report.int("totals.iterations.started")], "\(run.said)")
            #expect(report.balances, "\(run.said)")
            let counts = try peer.counts()
            #expect(counts["connections"] == report.int("totals.ledger.opened"))
            #expect(counts["messages"] == report.int("totals.messages.sent"))
            #expect(report.int("totals.messages.received") == report.int("totals.messages.sent"))
            #expect(counts["closes_clean"] == report.int("totals.ledger.closed_clean"))
            #expect(counts["closes_other"] == 0)
            try report.expectKeepsSchema()
        }

        private static let steps = """
            name: tls
            accounts: { count: 5 }
            load: { iterations: 3, ramp: 10ms }
            steps: [connect, send: hello, receive, close]
            """

        @Test(.enabled(if: hasWebsockets, "tools/install-python installs the library"))
        func tlsTrustsTheNamedAuthorityAndChecksTheName() throws {
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
            #expect(insecure.command.output.contains("certificates were NOT checked"), "\(insecure.said)")
            #expect(trusted.report.value("run.tls.insecure") as? Bool == false)
        }
    }
}
