import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash gateway --dialect openim`, checked by a client that nobody wrote for it.
    @Suite struct OpenIMGatewayTests {
        struct Client: CustomTestStringConvertible {
            let version: String
            /// The client's.
            var options: [String] = []
            var gatewayOptions: [String] = []

            var testDescription: String { ([version] + options + gatewayOptions).joined(separator: " ") }
        }

        static let clients = [
            Client(version: "3.5.1"),
            Client(version: "3.5.1", options: ["--gzip"]),
            Client(version: "3.8.3"),
            Client(version: "3.8.3", options: ["--gzip"]),
            Client(version: "3.8.3", options: ["--json"]),
            Client(version: "3.8.3", options: ["--json", "--gzip"]),
            Client(version: "3.5.1", gatewayOptions: ["--gateways", "2"]),
            Client(version: "3.8.3", gatewayOptions: ["--gateways", "2"]),
            Client(version: "3.5.1", options: ["--policy", "0"], gatewayOptions: ["--login-policy", "0"]),
            Client(version: "3.8.3", options: ["--policy", "4"], gatewayOptions: ["--login-policy", "4"]),
            Client(version: "3.8.3", options: ["--policy", "5"], gatewayOptions: ["--login-policy", "5"]),
            Client(
                version: "3.5.1", options: ["--connection-limit", "20"], gatewayOptions: ["--connection-limit", "20"]),
        ]

        /// The ready lines by role, once each of `roles` has spoken.
        private func ready(_ gateway: RunningCommand, _ roles: [String]) -> [String: ReportDocument] {
            var lines: [String: ReportDocument] = [:]
            gateway.wait(
                seconds: 30,
                until: {
                    lines = Dictionary(
                        $0.output.split(separator: "\n").map { ReportDocument(text: String($0)) }
                            .map { ($0.value("role") as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
                    return roles.allSatisfy { lines[$0] != nil }
                })
            return lines
        }

        @Test(arguments: clients)
        func everyCheckHolds(_ client: Client) throws {
            let gateway = try RunningCommand(
                Project.gatecrash,
                ["gateway", "--dialect", "openim", "--openim-version", client.version] + client.gatewayOptions)
            let lines = ready(gateway, ["gateway", "messages"])
            let address = try #require(lines["gateway"]?.value("address") as? String, "\(gateway.output)")
            let rest = try #require(lines["messages"]?.value("rest") as? String, "\(gateway.output)")
            let checks = try OpenIMServer.check(
                gateway: "ws://\(address)/", api: "http://\(rest)", version: client.version, client.options)
            let status = checks.wait(seconds: 180)
            let failed = checks.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
            #expect(status == 0, "\(failed)\n\(checks.errors)\n\(gateway.errors)")
            gateway.signal(SIGTERM)
            #expect(gateway.wait(seconds: 20) == 0, "\(gateway.errors)")
            // That it ends is no error.
            #expect(!gateway.errors.contains(#""level":"error""#), "\(gateway.errors)")
        }

        /// The bundled stack behind `run`, with each version's behaviour: the ready profile passes.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func theChurnProfilePassesAgainstTheBundledGateway(_ version: String) throws {
            let run = try GatecrashRun.finished(
                ["openim-churn", "--openim-version", version, "--duration", "5s", "--quiet"], seconds: 90)
            #expect(run.status == 0 || run.status == 99, "\(run.said)")
            let started = run.report.int("totals.iterations.started")
            #expect(started > 100 && run.report.outcomes == ["ok": started], "\(run.said)")
            #expect(run.report.findings.isEmpty, "\(run.said)")
            try run.report.expectKeepsSchema()
        }
    }
}
