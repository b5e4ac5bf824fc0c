import NIOCore
import Testing

@testable import Gateway

extension GatewayTests {
    @Test(arguments: RegistryDefect.Handshake.allCases, OpenIMVersion.allCases)
    func aHubServesOpenIM(handshake: RegistryDefect.Handshake, version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) {
            var defect = RegistryDefect()
            defect.order = version == .v3_5_1 ? .flagBeforeLock : .lockBeforeFlag
            defect.handshake = handshake
            $0.registryDefect = defect
        } _: { gateway, service in
            let older = try await OpenIMClient.admitted(to: gateway, version, user: "u")
            try await registered(1, at: gateway)
            let newer = try await OpenIMClient.admitted(to: gateway, version, user: "u")
            try await older.expectKick()
            try await newer.ask(1001, data: "x")
            try await newer.expect(1001, data: "1001:x")
            let told = ServiceCall.loggedIn(user: "u", platform: 1, token: "u:1", kicksOtherTokens: true)
            try await eventually("told", state: { "\(service.calls)" }) { service.calls.contains(told) }
            try await newer.raw.send(RawClient.close(1000))
            #expect(try await newer.raw.readFrame().closeCode == 1000)
            try await expectEmpty(gateway)
        }
    }

    /// Nothing is handled before a place in the register queue is found, and nobody notices that the client is gone.
    @Test func connectionsBeforeAFullQueueWait() async throws {
        try await withOpenIMGateway(.v3_8_3) {
            var defect = RegistryDefect()
            defect.queueCapacity = 1
            defect.registerTime = .milliseconds(700)
            $0.registryDefect = defect
            $0.openIM?.readTimeout = .milliseconds(300)
        } _: { gateway, service in
            var clients: [OpenIMClient] = []
            for number in 0..<4 {
                let client = try await OpenIMClient.connected(to: gateway, .v3_8_3, user: "u\(number)", "&isMsgResp=t")
                // The result is sent before the wait.
                #expect(try await client.raw.readFrame().opcode == 1)
                try await client.ask(1001, msgIncr: "a")
                clients.append(client)
            }
            // One is being registered, one has a place.
            try await eventually("two wait", of: gateway) { gateway.registry.gauges.registerGauge.waitingCount == 2 }
            clients[3].raw.close()
            for client in clients.prefix(3) { try await client.expect(1001, msgIncr: "a", data: "1001:") }
            #expect(gateway.status.sum(\.handshakes) == 4)
        }
    }

    @Test func defectsOfConnections() async throws {
        try await withOpenIMGateway(.v3_8_3) {
            $0.defects = [.neverClose(share: 1)]
        } _: { gateway, _ in
            let client = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u")
            try await client.raw.send(RawClient.close(1000))
            client.raw.finishSending()
            let other = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "v")
            try await other.send([1])
            try await Task.sleep(for: .milliseconds(100))
            #expect(client.raw.poll() == nil && other.raw.poll() == nil)
            #expect(gateway.status.connections == 2)
        }
        try await withOpenIMGateway(.v3_5_1) {
            $0.defects = [.stopReading(after: .zero, share: 1), .slowHandshake(p99: .milliseconds(20))]
        } _: { gateway, _ in
            let client = try await OpenIMClient.connected(to: gateway, .v3_5_1, user: "u")
            try await client.ask(1001)
            try await Task.sleep(for: .milliseconds(100))
            #expect(client.raw.poll() == nil)
            #expect(gateway.status.sum(\.messagesReceived) == 0)
        }
    }
}
