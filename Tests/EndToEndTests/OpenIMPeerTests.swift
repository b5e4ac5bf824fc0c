import Foundation
import Testing

extension EndToEnd {
    /// The OpenIM peers themselves, which the other tests trust: against recorded bytes, the library `websockets`, and each other.
    @Suite struct OpenIMPeerTests {
        @Test func theirWireAgreesWithRecordedBytes() throws {
            let python = try RunningCommand(
                Project.python, ["-B", Project.peer("openim/openim_wire.py"), "--vectors", OpenIMServer.vectors])
            #expect(python.wait(seconds: 60) == 0, "\(python.output)\(python.errors)")
            #expect(python.output.contains(" 0 do not"), "\(python.output)")
        }

        @Test func theirOwnTestsPass() throws {
            let python = try RunningCommand(
                Project.python, ["-B", "-m", "unittest", "-q"], folder: Project.peer("openim"))
            #expect(python.wait(seconds: 120) == 0, "\(python.output)\(python.errors)")
        }

        struct Deployment: CustomTestStringConvertible {
            let version: String
            var server: [String] = []
            var client: [String] = []

            var testDescription: String { ([version] + server + client).joined(separator: " ") }
        }

        static let deployments =
            ["3.5.1", "3.8.3"].flatMap { version in
                [
                    Deployment(version: version),
                    Deployment(version: version, client: ["--gzip"]),
                    Deployment(version: version, server: ["--push-before-ack"]),
                    Deployment(
                        version: version, server: ["--read-deadline", "3", "--most-connections", "20"],
                        client: ["--read-deadline", "3", "--connection-limit", "20"]),
                ]
                    + ["0", "4", "5"].map {
                        Deployment(version: version, server: ["--policy", $0], client: ["--policy", $0])
                    }
            } + [
                Deployment(version: "3.8.3", client: ["--json"]),
                Deployment(version: "3.8.3", client: ["--json", "--gzip"]),
            ]

        @Test(arguments: deployments)
        func everyCheckHolds(_ deployment: Deployment) throws {
            let server = try OpenIMServer(deployment.version, deployment.server)
            let client = try OpenIMServer.check(
                gateway: server.gateway, api: server.api, version: deployment.version, deployment.client)
            let status = client.wait(seconds: 120)
            let failed = client.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
            #expect(status == 0, "\(failed)\n\(client.errors)")
        }

        /// The checks can fail: against a deployment of the other version many do.
        @Test func checksOfTheOtherVersionFail() throws {
            let server = try OpenIMServer("3.8.3")
            let client = try OpenIMServer.check(
                gateway: server.gateway, api: server.api, version: "3.5.1", ["--only", "rest/*"])
            #expect(client.wait(seconds: 120) == 1, "\(client.output)\(client.errors)")
            #expect(client.output.contains("FAIL rest/routes-of-the-version"), "\(client.output)\(client.errors)")
        }
    }
}
