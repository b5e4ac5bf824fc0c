import NIOCore
import Testing

@testable import Gateway

// MARK: Clients that do not read

extension GatewayTests {
    /// Pushes 20 MiB to the user, more than sockets hold, and waits until all of it has been handed to his connection.
    private func pushMuch(to user: String, at gateway: Gateway) async throws {
        let line = try OrderLine(to: gateway)
        try await line.send(
            (0..<20).map { .push(user: user, operationID: "\($0)", data: ByteBuffer(repeating: 7, count: 1 << 20)) })
        for _ in 0..<20 { _ = try await line.done() }
    }

    @Test func aBlockedConnectionIsReadUntilItsReaderWrites() async throws {
        try await withOpenIMGateway(.v3_8_3) { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u")
            let other = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "v")
            try await registered(2, at: gateway)
            try await pushMuch(to: "u", at: gateway)
            try await eventually("blocked", of: gateway) { gateway.status.sum(\.blockedConnections) == 1 }
            for number in ["one", "two"] { try await client.ask(1001, msgIncr: number, data: number) }
            func performed() -> Int { service.calls.filter { if case .perform = $0 { true } else { false } }.count }
            try await eventually("read", of: gateway) { performed() == 1 }
            try await other.ask(1001, data: "x")
            try await other.expect(1001, data: "1001:x")
            try await Task.sleep(for: .milliseconds(200))
            #expect(performed() == 2, "the second request waits behind the first one's answer")
            for number in 0..<20 {
                let frame = try await client.raw.readFrame()
                #expect(frame.payload.count > 1 << 20 && frame.payload.last == 0, "\(number)")
            }
            for number in ["one", "two"] { try await client.expect(1001, msgIncr: number, data: "1001:" + number) }
            try await eventually("free", of: gateway) { gateway.status.sum(\.blockedConnections) == 0 }
        }
    }

    @Test func aConnectionThatDoesNotReadEndsWhenItsWriteFails() async throws {
        try await withOpenIMGateway(.v3_5_1) {
            $0.openIM?.writeTimeout = .milliseconds(300)
        } _: { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, .v3_5_1, user: "u")
            try await registered(1, at: gateway)
            try await pushMuch(to: "u", at: gateway)
            try await expectEmpty(gateway)
            #expect(gateway.status.sum(\.blockedConnections) == 0)
            try await eventually("told", state: { "\(service.calls)" }) {
                service.calls.last == .loggedOut(user: "u", platform: 1)
            }
            #expect(try await client.raw.readToEnd().count < 20 << 20)
        }
    }

    /// Its frame is lost, and the connection ends all the same.
    @Test func aKickOfAConnectionThatDoesNotRead() async throws {
        try await withOpenIMGateway(.v3_8_3) {
            $0.openIM?.writeTimeout = .milliseconds(500)
        } _: { gateway, _ in
            let older = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u")
            try await registered(1, at: gateway)
            try await pushMuch(to: "u", at: gateway)
            try await eventually("blocked", of: gateway) { gateway.status.sum(\.blockedConnections) == 1 }
            let newer = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u")
            try await eventually("ended", of: gateway) { gateway.status.connections == 1 }
            try await newer.ask(1001, data: "x")
            try await newer.expect(1001, data: "1001:x")
            older.raw.close()
        }
    }
}
