import Foundation
import Testing

extension EndToEnd {
    /// `gatecrash gateway` by itself.
    @Suite struct GatewayCommandTests {
        private struct Ready {
            let address: String
            let api: String
        }

        private func ready(_ gateway: RunningCommand, processes: Int) throws -> [Ready] {
            gateway.wait(seconds: 20, until: { $0.output.split(separator: "\n").count >= processes })
            return try gateway.output.split(separator: "\n").map { line in
                let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
                return Ready(address: document["address"] as? String ?? "", api: document["api"] as? String ?? "")
            }
        }

        private static let profile = """
            name: hold
            accounts: { count: 20 }
            load: { duration: 30s, ramp: 50ms, grace: 1s }
            steps: [connect, send: hello, receive, wait: end, close]
            """

        @Test(arguments: [1, 2])
        func servesUntilItIsToldToStop(_ processes: Int) throws {
            let gateway = try RunningCommand(Project.gatecrash, ["gateway", "--gateways", "\(processes)"])
            let members = try ready(gateway, processes: processes)
            #expect(Set(members.map(\.address)).count == 1)

            let run = try GatecrashRun(
                ["--target", "ws://\(members[0].address)/?account={account}"], profile: Self.profile)
            run.command.wait(seconds: 20, until: { $0.errors.contains("20 open") })
            var online = 0
            for member in members {
                let health = try RunningCommand("/usr/bin/env", ["curl", "-s", "http://\(member.api)/healthz"])
                #expect(health.wait(seconds: 10) == 0 && health.output.hasPrefix("ok"), "\(health.output)")
                let metrics = try RunningCommand("/usr/bin/env", ["curl", "-s", "http://\(member.api)/metrics"])
                #expect(metrics.wait(seconds: 10) == 0)
                online += Self.value("gatecrash_gateway_registrations", in: metrics.output)
                #expect(Self.value("process_open_fds", in: metrics.output) > 0)
                #expect(Self.value("process_max_fds", in: metrics.output) > 0)
            }
            #expect(online == 20)

            gateway.signal(SIGTERM)
            #expect(gateway.wait(seconds: 20) == 0, "\(gateway.errors)")
            run.command.wait(seconds: 10, until: { _ in !run.command.errors.contains("20 closing") })
            run.command.signal(SIGINT)
            run.wait(seconds: 20)
            #expect(run.report.outcomes["closed_by_peer:1001"] == 20, "\(run.said)")
        }

        private static func value(_ name: String, in text: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
            return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }

        @Test func aTakenPortIsSaid() throws {
            let gateway = try RunningCommand(Project.gatecrash, ["gateway"])
            let member = try ready(gateway, processes: 1)[0]
            let second = try RunningCommand(Project.gatecrash, ["gateway", "--listen", member.address])
            #expect(second.wait(seconds: 20) == 1)
            #expect(second.errors.contains("another process listens there"), "\(second.errors)")
            gateway.signal(SIGINT)
            #expect(gateway.wait(seconds: 20) == 0)
        }
    }
}
