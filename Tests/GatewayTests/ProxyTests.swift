import Foundation
import Glibc
import Testing

@testable import Gateway

@Suite struct ProxyRingTests {
    @Test func spreadsEvenlyAndStaysPut() {
        let accounts = (0..<20_000).map { "user-\($0)" }
        let three = ConsistentHashRing(count: 3)
        let four = ConsistentHashRing(count: 4)
        var counts = [0, 0, 0]
        var moved = 0
        for account in accounts {
            let node = three.node(for: account)
            counts[node] += 1
            let later = four.node(for: account)
            if later != node {
                moved += 1
                #expect(later == 3, "only the new node takes over")
            }
        }
        #expect(counts.allSatisfy { (4500...9000).contains($0) }, "\(counts)")
        #expect((3000...7000).contains(moved), "\(moved)")
        let one = ConsistentHashRing(count: 1)
        #expect(accounts.allSatisfy { one.node(for: $0) == 0 })
    }

    /// The choice must not depend on the run, its seed or its ports.
    @Test func isTheSameInEveryRun() {
        let ring = ConsistentHashRing(count: 4)
        let nodes = ["user-1", "user-2", "user-3", "user-4", "", "é"].map { ring.node(for: $0) }
        #expect(nodes == Self.recorded)
    }

    private static let recorded = [1, 1, 0, 0, 3, 2]
}

extension GatewayTests {
    private func withProxy(
        to upstreams: [String], _ change: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (Proxy) async throws -> Void
    ) async throws {
        var configuration = ProxyConfiguration()
        configuration.logFile = "/dev/null"
        configuration.shutdownGrace = .milliseconds(200)
        configuration.upstreams = upstreams
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

    @Test func proxyRelaysBothWays() async throws {
        try await withGateway { gateway in
            try await withProxy(to: [gateway.address]) { proxy in
                let client = try await RawClient.admitted(port: proxy.port, account: "a%20b")
                for size in [0, 1, 125, 126, 65536, 1 << 20] {
                    let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                    try await client.send(RawClient.frame(head: 0x82, payload: payload))
                    #expect(try await client.readFrame() == RawClient.Frame(head: 0x82, payload: payload))
                }
                try await client.send((0..<500).flatMap { RawClient.frame(.text, "message \($0)") })
                for number in 0..<500 {
                    #expect(try await client.readFrame().text == "message \(number)")
                }
                try await client.send(
                    RawClient.frame(.text, "Hel", isFinal: false) + RawClient.frame(.ping, "p")
                        + RawClient.frame(.continuation, "lo"))
                #expect(try await client.readFrame() == RawClient.Frame(head: 0x8a, payload: Array("p".utf8)))
                #expect(try await client.readFrame().text == "Hello")
                #expect(gateway.status.registryCounters.accounts.value == 1)
                #expect(gateway.status.sum(\.pingsReceived) == 2)
                #expect(proxy.status.connections == 1 && proxy.status.upstreamConnections == 1)
                // The closing handshake goes from end to end, and TCP ends in order.
                try await client.send(RawClient.close(1000))
                #expect(try await client.readFrame().closeCode == 1000)
                #expect(try await client.readEnd() == .finished)
                try await expectEmpty(gateway)
                try await eventually("forgotten", state: { proxy.status.metrics() }) {
                    proxy.status.connections == 0 && proxy.status.upstreamConnections == 0
                }
                #expect(proxy.status.sum(\.resets) == 0)
                #expect(gateway.status.closes() == [.init(code: 1000, initiator: .peer): 1])
            }
        }
    }

    @Test func proxySpreadsAccountsStably() async throws {
        try await withGateway { first in
            try await withGateway { second in
                try await withProxy(to: [first.address, second.address]) { proxy in
                    var clients: [RawClient] = []
                    for number in 0..<40 {
                        clients.append(try await RawClient.admitted(port: proxy.port, account: "user-\(number)"))
                    }
                    let shares = [first, second].map { $0.status.registryCounters.accounts.value }
                    #expect(shares.reduce(0, +) == 40)
                    #expect(shares.allSatisfy { $0 > 0 }, "\(shares)")
                    let ring = ConsistentHashRing(count: 2)
                    #expect(shares[0] == (0..<40).count { ring.node(for: "user-\($0)") == 0 })
                    // A second login of each goes to the same gateway, which kicks the first.
                    for number in 0..<40 {
                        clients.append(try await RawClient.admitted(port: proxy.port, account: "user-\(number)"))
                    }
                    for client in clients.prefix(40) {
                        #expect(try await client.readFrame().closeCode == 4001)
                    }
                    #expect([first, second].map { $0.status.registryCounters.accounts.value } == shares)
                }
            }
        }
    }

    @Test func proxyResetsWhatTheOtherSideHasEnded() async throws {
        try await withGateway { gateway in
            try await withProxy(to: [gateway.address]) { proxy in
                let client = try await RawClient.admitted(port: proxy.port, account: "a")
                // The gateway's end without a close frame.
                gateway.cut()
                #expect(try await client.readEnd() == .reset)
                try await eventually("forgotten") { proxy.status.connections == 0 }
                // The client's.
                let other = try await RawClient.admitted(port: proxy.port, account: "b")
                other.close()
                try await expectEmpty(gateway)
                #expect(gateway.status.closes()[.init(code: 1006, initiator: .peer)] == 2)
            }
        }
    }

    @Test func proxyThatDoesNotRelayCloses() async throws {
        try await withGateway { gateway in
            try await withProxy(to: [gateway.address]) {
                $0.relaysClose = false
            } _: { proxy in
                let client = try await RawClient.admitted(port: proxy.port, account: "a")
                try await client.send(RawClient.close(1000))
                // Neither relayed nor answered.
                #expect(try await client.readEnd() == .finished)
                try await expectEmpty(gateway)
                #expect(gateway.status.closes() == [.init(code: 1006, initiator: .peer): 1])
                let first = try await RawClient.admitted(port: proxy.port, account: "b")
                let second = try await RawClient.admitted(port: proxy.port, account: "b")
                // The kick's close frame stays behind.
                #expect(try await first.readEnd() == .reset)
                try await second.send(RawClient.frame(.text, "still here"))
                #expect(try await second.readFrame().text == "still here")
            }
        }
    }

    @Test func proxyUpgradesFirstAndResetsWithoutAGateway() async throws {
        let gone = try RawListener()
        let port = gone.port
        gone.close()
        try await withProxy(to: ["127.0.0.1:\(port)"]) { proxy in
            let client = try await RawClient.upgraded(port: proxy.port, account: "a")
            #expect(try await client.readEnd() == .reset)
            #expect(proxy.status.sum(\.upstreamsFailed) == 1)
        }
        // A gateway that refuses.
        try await withGateway { gateway in
            try await withProxy(to: [gateway.apiAddress]) { proxy in
                let client = try await RawClient.upgraded(port: proxy.port, account: "a")
                #expect(try await client.readEnd() == .reset)
                #expect(proxy.status.sum(\.upstreamsFailed) == 1)
            }
        }
        // One that accepts and says nothing.
        let silent = try RawListener()
        try await withProxy(to: ["127.0.0.1:\(silent.port)"]) {
            $0.upstreamTimeout = .milliseconds(300)
        } _: { proxy in
            let client = try await RawClient.upgraded(port: proxy.port, account: "a")
            try await client.send(RawClient.frame(.text, "anyone?"))
            #expect(try await client.readEnd() == .reset)
            try await eventually("forgotten") { proxy.status.connections == 0 }
            #expect(proxy.status.sum(\.upstreamsFailed) == 1)
        }
        silent.close()
    }

    @Test func proxyHoldsBackWhoIsNotRead() async throws {
        try await withGateway { gateway in
            try await withProxy(to: [gateway.address]) { proxy in
                let client = try await RawClient.admitted(port: proxy.port, account: "slow")
                let message = RawClient.frame(head: 0x82, payload: [UInt8](repeating: 7, count: 1 << 16))
                var sent = 0
                var idleRounds = 0
                while idleRounds < 300, sent < 1 << 27 {
                    let count = try client.sendSome(message[(sent % message.count)...])
                    sent += count
                    idleRounds = count == 0 ? idleRounds + 1 : 0
                    if count == 0 { try await Task.sleep(for: .milliseconds(1)) }
                }
                #expect(sent < 1 << 27, "the proxy takes 128 MiB from a client that reads nothing")
                try await client.send(Array(message[(sent % message.count)...]))
                for _ in 0..<(sent / message.count + 1) {
                    let frame = try await client.readFrame()
                    #expect(frame.head == 0x82 && frame.payload.count == 1 << 16)
                }
            }
        }
    }

    @Test func proxyRefusesWhatIsNoUpgrade() async throws {
        try await withProxy(to: ["127.0.0.1:1"]) { proxy in
            #expect(try await httpGet("/", port: proxy.port).hasPrefix("HTTP/1.1 426 "))
            let bad = try RawClient(port: proxy.port)
            try await bad.send(RawClient.upgradeRequest("%ff"))
            #expect(try await bad.readHead().hasPrefix("HTTP/1.1 400 "))
            #expect(try await httpGet("/healthz", port: proxy.apiPort).hasPrefix("HTTP/1.1 200 OK\r\n"))
            let metrics = try await httpGet("/metrics", port: proxy.apiPort)
            #expect(metric("gatecrash_proxy_handshakes_refused_total", in: metrics) == 2)
        }
        var configuration = ProxyConfiguration()
        #expect(throws: GatewayError.configuration(field: "upstreams", expected: "at least one gateway")) {
            try configuration.validate()
        }
        configuration.upstreams = ["nowhere"]
        #expect(throws: GatewayError.self) { try configuration.validate() }
    }

    @Test func proxyAsksEveryoneToGoOnShutdown() async throws {
        try await withGateway { gateway in
            try await withProxy(to: [gateway.address]) {
                $0.shutdownGrace = .seconds(15)
            } _: { proxy in
                let client = try await RawClient.admitted(port: proxy.port, account: "a")
                let shutdown = Task { await proxy.shutdown() }
                #expect(try await client.readFrame().closeCode == 1001)
                try await client.send(RawClient.close(1001))
                #expect(try await client.readEnd() == .finished)
                await shutdown.value
                #expect(proxy.status.connections == 0)
            }
        }
    }
}

/// A listener that accepts and says nothing.
private final class RawListener {
    private var descriptor: Int32
    let port: Int

    init() throws {
        let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
        descriptor = socket.descriptor
        port = socket.port
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    deinit {
        close()
    }
}
