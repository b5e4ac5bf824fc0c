import NIOCore
import NIOPosix
import Testing

@testable import Gateway

extension GatewayTests {
    private func withOpenIMProxy(
        to upstreams: [String], _ change: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (Proxy) async throws -> Void
    ) async throws {
        var configuration = ProxyConfiguration()
        configuration.logFile = "/dev/null"
        configuration.shutdownGrace = .milliseconds(200)
        configuration.upstreams = upstreams
        configuration.relaysClose = false
        configuration.openIM = OpenIMProxyLimits()
        change(&configuration)
        let proxy = try await Proxy.start(configuration)
        do {
            try await body(proxy)
        } catch {
            await proxy.shutdown()
            throw error
        }
        await proxy.shutdown()
    }

    private func upgraded(_ proxy: Proxy, _ target: String) async throws -> RawClient {
        let raw = try RawClient(port: proxy.port)
        try await raw.send(OpenIMClient.request(target))
        #expect(try await raw.readHead().hasPrefix("HTTP/1.1 101 "))
        return raw
    }

    @Test func proxyChoosesByUserAndRelaysAll() async throws {
        try await withOpenIMGateway(.v3_5_1) { one, _ in
            try await withOpenIMGateway(.v3_5_1) { other, _ in
                try await withOpenIMProxy(to: [one.address, other.address]) { proxy in
                    let ring = ConsistentHashRing(count: 2)
                    var expected = [0, 0]
                    for number in 0..<12 {
                        expected[ring.node(for: "user\(number)")] += 1
                        let raw = try await upgraded(proxy, OpenIMClient.target("user\(number)", 1))
                        let client = OpenIMClient(raw: raw, user: "user\(number)", version: .v3_5_1)
                        try await raw.send(RawClient.frame(.ping, "abc"))
                        #expect(try await raw.readFrame() == RawClient.Frame(head: 0x8a, payload: []))
                        try await client.ask(1003, data: "x")
                        try await client.expect(1003, data: "1003:x")
                    }
                    #expect([one, other].map { $0.status.sum(\.handshakes) } == expected)
                    // A refusal never reaches the client.
                    let refused = try await upgraded(proxy, "/?sendID=u&token=bad&platformID=1")
                    #expect(try await refused.readEnd() == .reset)
                }
            }
        }
    }

    @Test func proxyHasLimits() async throws {
        // Takes connections and answers nothing.
        let silent = try await ListeningSocketStub()
        try await withOpenIMProxy(to: [silent.address]) {
            $0.openIM?.connectionLimit = 2
        } _: { proxy in
            let long = try RawClient(port: proxy.port)
            try await long.send(
                OpenIMClient.request("/?sendID=u", headers: ["X-Long: " + String(repeating: "x", count: 6000)]))
            #expect(try await long.readHead().hasPrefix("HTTP/1.1 431 "))
            long.close()
            let posted = try RawClient(port: proxy.port)
            try await posted.send(OpenIMClient.request("/?sendID=u").replacing("GET", with: "POST"))
            #expect(try await posted.readHead().hasPrefix("HTTP/1.1 405 "))
            posted.close()
            try await eventually("gone", state: { proxy.status.metrics() }) { proxy.status.connections == 0 }
            // Ten messages may wait for the gateway's connection, not eleven.
            let patient = try await upgraded(proxy, "/?sendID=u")
            let hasty = try await upgraded(proxy, "/?sendID=u")
            for _ in 0..<10 { try await patient.send(RawClient.frame(.ping, "")) }
            for _ in 0..<11 { try await hasty.send(RawClient.frame(.ping, "")) }
            #expect(try await hasty.readEnd() == .reset)
            #expect(patient.poll() == nil)
            try await eventually("one left", state: { proxy.status.metrics() }) { proxy.status.connections == 1 }
            let second = try await upgraded(proxy, "/?sendID=u")
            let tooMany = try await upgraded(proxy, "/?sendID=u")
            #expect(try await tooMany.readToEnd() == [])
            withExtendedLifetime((patient, second)) {}
        }
        try await silent.close()
    }
}

/// A TCP listener whose connections nobody reads.
private struct ListeningSocketStub {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    init() async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    }

    var address: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    func close() async throws {
        try await group.shutdownGracefully()
    }
}
