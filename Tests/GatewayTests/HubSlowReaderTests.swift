import Testing

@testable import Gateway

extension GatewayTests {
    /// Sends until the gateway has stopped taking more, since none of its replies is read.
    private func stopReading(_ client: RawClient, of gateway: Gateway) async throws {
        let message = RawClient.frame(.text, String(repeating: "x", count: 100_000))
        var rest = message[...]
        var refused = ContinuousClock.now
        try await eventually("the gateway reads no more", of: gateway) {
            let count = try client.sendSome(rest)
            if count > 0 { refused = .now }
            rest = rest.dropFirst(count)
            if rest.isEmpty { rest = message[...] }
            return ContinuousClock.now - refused > .milliseconds(200)
        }
    }

    private static let hubWithoutCalls: RegistryDefect = {
        var defect = slowHub(.flagBeforeLock)
        (defect.registerTime, defect.unregisterTime, defect.kickTime) = (.zero, .zero, .zero)
        return defect
    }()

    /// The hub waits for a write to a client that does not read; nothing is registered until that one reads.
    @Test func hubWaitsForASlowReader() async throws {
        try await withGateway {
            $0.registryDefect = Self.hubWithoutCalls
            $0.writeTimeout = .seconds(60)
        } _: { gateway in
            let slow = try await RawClient.admitted(port: gateway.port, account: "slow")
            try await stopReading(slow, of: gateway)
            #expect(gateway.registry.waits().actors.map(\.id) == ["gateway/thread:hub"], "nobody waits for the write")
            let newer = try await RawClient.upgraded(port: gateway.port, account: "slow")
            try await eventually("the hub waits", of: gateway) {
                gateway.registry.waits().actor("thread:hub")?.waitsFor != nil
            }
            let report = gateway.registry.waits()
            let hub = try #require(report.actor("thread:hub"))
            let lock = try #require(report.resources.first { $0.id == hub.waitsFor })
            #expect(lock.what == "write lock of session 1 (slow)")
            let writer = try #require(report.actors.first { [$0.id] == lock.freedBy })
            #expect(writer.id == "gateway/writer:1" && writer.what == "write to session 1")
            let peer = try #require(report.resources.first { $0.id == writer.waitsFor })
            #expect(peer.what == "client of session 1 (slow), which does not read" && peer.freedBy.isEmpty)
            #expect(WaitReport.cycle(in: [report]) == nil)
            #expect(gateway.status.registryCounters.registered.value == 1)
            var last: RawClient.Frame?
            while last?.opcode != RawClient.Opcode.close.rawValue {
                last = try await slow.readFrame()
            }
            #expect(last?.closeCode == 4001)
            try await newer.send(RawClient.frame(.text, "in"))
            #expect(try await newer.readFrame().text == "in")
            try await eventually("registered", of: gateway) { gateway.status.registryCounters.registered.value == 2 }
            #expect(gateway.registry.waits().actors.allSatisfy { $0.waitsFor == nil })
            slow.close()
            newer.close()
            try await expectSettled(gateway)
            #expect(gateway.status.registryCounters.sessions.value == 0)
        }
    }

    /// The write fails at its deadline, and its client is ended then; by that time the unregister queue is full.
    @Test(arguments: RegistryDefect.Order.allCases)
    func aSlowReaderFreezesTheHub(order: RegistryDefect.Order) async throws {
        try await withGateway {
            $0.registryDefect = Self.hubWithoutCalls
            $0.registryDefect?.order = order
            $0.writeTimeout = .seconds(3)
        } _: { gateway in
            var load = HubLoad(gateway)
            for client in try await load.logIn(0..<10) {
                _ = try await client.readHead()
            }
            try await eventually("all registered", of: gateway) {
                gateway.status.registryCounters.registered.value == 10
            }
            let slow = try await RawClient.admitted(port: gateway.port, account: "slow")
            try await stopReading(slow, of: gateway)
            let newer = try await RawClient.upgraded(port: gateway.port, account: "slow")
            try await eventually("the hub waits", of: gateway) {
                gateway.registry.waits().actor("thread:hub")?.waitsFor?.hasPrefix("gateway/lock:") == true
            }
            load.closeAll()
            try await eventually("the unregister queue is full", of: gateway) {
                gateway.status.queues.unregisterGauge.waitingCount > 0
            }
            try await eventually("the hub waits for itself", of: gateway) {
                WaitReport.cycle(in: [gateway.registry.waits()]) == ["gateway/thread:hub"]
            }
            #expect(gateway.registry.waits().actor("thread:hub")?.waitsFor == "gateway/queue:unregister")
            let start = ContinuousClock.now
            slow.close()
            newer.close()
            await gateway.shutdown()
            #expect(ContinuousClock.now - start < .seconds(15))
        }
    }

    /// A slow reader whom nobody kicks is cut off at the deadline, and holds nobody up.
    @Test func aSlowReaderIsCutOff() async throws {
        try await withGateway {
            $0.registryDefect = Self.hubWithoutCalls
            $0.writeTimeout = .milliseconds(500)
        } _: { gateway in
            let slow = try await RawClient.admitted(port: gateway.port, account: "slow")
            try await stopReading(slow, of: gateway)
            try await expectSettled(gateway)
            #expect(gateway.status.registryCounters.sessions.value == 0)
            slow.close()
        }
    }
}
