import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash gateway --dialect openim`, checked by a client that nobody wrote for it.
    @Suite struct OpenIMGatewayTests {
        struct Client: CustomTestStringConvertible {
            let version: String
            var options: [String] = []

            var testDescription: String { ([version] + options).joined(separator: " ") }
        }

        static let clients = [
            Client(version: "3.5.1"),
            Client(version: "3.5.1", options: ["--gzip"]),
            Client(version: "3.8.3"),
            Client(version: "3.8.3", options: ["--gzip"]),
            Client(version: "3.8.3", options: ["--json"]),
            Client(version: "3.8.3", options: ["--json", "--gzip"]),
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
                Project.gatecrash, ["gateway", "--dialect", "openim", "--openim-version", client.version])
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
