import Testing

@testable import Gateway

extension GatewayTests {
    /// Two gateways of one stack.
    private func withStack(
        _ defect: RegistryDefect?, _ body: (Gateway, Gateway) async throws -> Void
    ) async throws {
        try await withGateway {
            $0.name = "gateway-0"
            $0.registryDefect = defect
        } _: { first in
            try await withGateway {
                $0.name = "gateway-1"
                $0.registryDefect = defect
                $0.registryDefect?.seed += 1
            } _: { second in
                let addresses = [first.internalAddress, second.internalAddress]
                try first.setPeers(addresses)
                try second.setPeers(addresses)
                try await body(first, second)
            }
        }
    }

    /// A login at one gateway takes the place of an older one at the other.
    @Test(arguments: [nil, RegistryDefect()])
    func kicksAcrossGateways(defect: RegistryDefect?) async throws {
        try await withStack(defect) { first, second in
            for _ in 0..<3 {
                let older = try await RawClient.admitted(port: first.port, account: "a")
                let other = try await RawClient.admitted(port: first.port, account: "b")
                try await eventually("registered", of: first) { first.status.registryCounters.sessions.value == 2 }
                let newer = try await RawClient.admitted(port: second.port, account: "a")
                #expect(try await older.readFrame().closeCode == 4001)
                for client in [other, newer] {
                    try await client.send(RawClient.frame(.text, "still here"))
                    #expect(try await client.readFrame().text == "still here")
                }
                // A check for a login that is older than the session at hand kicks nobody.
                let stale = LoginCheck(account: "a", openedBefore: MonotonicTime(nanoseconds: 1))
                second.registry.check(stale) {}
                try await newer.send(RawClient.frame(.ping, "still in?"))
                #expect(try await newer.readFrame().text == "still in?")
                [older, other, newer].forEach { $0.close() }
                try await expectSettled(first)
                try await expectSettled(second)
            }
            #expect(first.status.registryCounters.kicked.value == 3)
            #expect(second.status.registryCounters.kicked.value == 0)
        }
    }

    /// Each hub waits for the other's kick queue, whose only reader is the other hub; no cure changes that.
    @Test(arguments: RegistryDefect.Cure.allCases)
    func hubsOfTwoGatewaysWaitForEachOther(cure: RegistryDefect.Cure) async throws {
        var defect = RegistryDefect()
        defect.cure = cure
        defect.queueCapacity = 1
        // This wait needs no client that is used again, and a hub that used them would kick others too.
        defect.pool = .off
        // So slow that both hubs have logins before them all the time, however slowly this test makes them.
        (defect.registerTime, defect.unregisterTime) = (.milliseconds(2), .zero)
        try await withStack(defect) { first, second in
            let witness = try await RawClient.admitted(port: first.port, account: "witness")
            var loads = [HubLoad(first, prefix: "first"), HubLoad(second, prefix: "second")]
            // New ones each time, so that nobody is kicked.
            var accounts = 0..<5
            let cycle = try await provoke([first, second]) {
                for index in loads.indices {
                    loads[index].closeAll()
                }
                for _ in 0..<10 {
                    _ = try await loads[0].logIn(accounts)
                    _ = try await loads[1].logIn(accounts)
                    accounts = accounts.upperBound..<accounts.upperBound + 5
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            let thread = cure == .splitLoops ? "hub-register" : "hub"
            #expect(cycle == ["gateway-0/thread:\(thread)", "gateway-1/thread:\(thread)"])
            let report = first.registry.waits()
            #expect(report.actor("thread:\(thread)")?.waitsFor == "gateway-1/calls")
            let call = try #require(report.resources.first { $0.id == "gateway-1/calls" })
            #expect(call.what == "login check at gateway-1")
            #expect(report.actor("login-checks")?.waitsFor == "gateway-0/queue:kick")
            try await witness.send(RawClient.frame(.text, "still here"))
            #expect(try await witness.readFrame().text == "still here")

            let start = ContinuousClock.now
            await first.shutdown()
            #expect(ContinuousClock.now - start < .seconds(15))
            // Its answer will never come, but its end has: the other hub goes on.
            try await eventually("the other moves on", of: second) {
                second.registry.waits().actor("thread:\(thread)")?.waitsFor == nil
            }
            let next = try await RawClient.upgraded(port: second.port, account: "next")
            try await next.send(RawClient.frame(.ping, "in?"))
            #expect(try await next.readFrame().text == "in?")
        }
    }

    @Test func aPeerThatIsGoneHoldsNobodyUp() async throws {
        for defect in [nil, RegistryDefect()] {
            try await withGateway {
                $0.registryDefect = defect
            } _: { gateway in
                // Nobody listens on the discard port (RFC 863).
                try gateway.setPeers(["127.0.0.1:9"])
                for number in 0..<5 {
                    _ = try await RawClient.admitted(port: gateway.port, account: "user-\(number)")
                }
                try await expectSettled(gateway)
            }
        }
    }

    @Test func peersAreReadFromALine() throws {
        #expect(PeersLine.parse(#"{"peers":["127.0.0.1:4001","[::1]:2"]}"#) == ["127.0.0.1:4001", "[::1]:2"])
        #expect(PeersLine.parse(#" { "peers" : [ "a:1" ] } "#) == ["a:1"])
        #expect(PeersLine.parse(#"{"peers":[]}"#) == [])
        for line in [
            "", "{", "{}", #"{"peers":["a:1"}"#, #"{"peers":["a:1",]}"#, #"{"peers":[""]}"#, #"{"peers":[a:1]}"#,
            #"{"peers":["a"b"]}"#, #"{"other":["a:1"]}"#, #"{"peers":["a:1\u0000"]}"#, "{\"peers\":[]", "\u{0}",
        ] {
            #expect(PeersLine.parse(line) == nil, "\(line)")
        }
        for address in ["", ":", "a", "127.0.0.1:", ":1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1"] {
            #expect(throws: GatewayError.self, "\(address)") { try PeerAddress(address) }
        }
        #expect(try PeerAddress("[::1]:7").text == "[::1]:7")
    }

    /// Bytes that are no request end the connection to the internal port, and nothing else.
    @Test func internalPortSurvivesGarbage() async throws {
        try await withGateway { gateway in
            let port = try #require(gateway.internalAddress.split(separator: ":").last.flatMap { Int($0) })
            for bytes in [[0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]] as [[UInt8]] {
                let client = try RawClient(port: port)
                try await client.send(bytes)
                let greeting = try await client.readToEnd()
                #expect(greeting.starts(with: [0, 0, 0, 16] + Array("gateway\nregistry".utf8)))
            }
            _ = try await RawClient.admitted(port: gateway.port, account: "a")
        }
    }
}
