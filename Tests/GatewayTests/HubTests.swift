import Foundation
import Testing

@testable import Gateway

extension GatewayTests {
    static func slowHub(
        _ order: RegistryDefect.Order, cure: RegistryDefect.Cure = .none, capacity: Int = 2
    ) -> RegistryDefect {
        var defect = RegistryDefect()
        defect.order = order
        defect.cure = cure
        defect.queueCapacity = capacity
        defect.registerTime = .milliseconds(1)
        defect.unregisterTime = .milliseconds(10)
        defect.kickTime = .milliseconds(1)
        return defect
    }

    /// Logins over open logins, while the ends of others fill the unregister queue.
    func loginOverOpenOnes(_ load: inout HubLoad) async throws {
        let gateway = load.gateway
        load.closeAll()
        guard try await gateway.settles() else { return }
        for client in try await load.logIn(0..<30) {
            _ = try await client.readHead()
        }
        guard try await gateway.settles() else { return }
        let connections = gateway.status.connections
        let asked = gateway.registrationsAsked
        // The last ten stay open.
        load.closeFirst(20)
        try await eventually("20 ends noticed", of: gateway) { gateway.status.connections <= connections - 20 }
        _ = try await load.logIn(20..<30)
        try await eventually("10 more have asked", of: gateway) {
            gateway.registrationsAsked >= asked + 9 || WaitReport.cycle(in: [gateway.registry.waits()]) != nil
        }
        _ = try await gateway.settles()
    }

    /// Every connection closes, and the same accounts come back at once.
    func closeAndReconnect(_ load: inout HubLoad) async throws {
        load.closeAll()
        _ = try await load.logIn(0..<20)
        try await Task.sleep(for: .milliseconds(50))
    }

    @Test func hubServesLikeTheHealthyRegistry() async throws {
        for order in RegistryDefect.Order.allCases {
            for handshake in RegistryDefect.Handshake.allCases {
                try await withGateway {
                    $0.registryDefect = RegistryDefect()
                    $0.registryDefect?.order = order
                    $0.registryDefect?.handshake = handshake
                    $0.closeTimeout = .milliseconds(300)
                } _: { gateway in
                    let older = try await RawClient.admitted(port: gateway.port, account: "a")
                    let other = try await RawClient.admitted(port: gateway.port, account: "b")
                    try await eventually("both registered", of: gateway) {
                        gateway.status.registryCounters.sessions.value == 2
                    }
                    let newer = try await RawClient.admitted(port: gateway.port, account: "a")
                    let close = try await older.readFrame()
                    #expect(close.closeCode == 4001)
                    #expect(close.text.contains("newer login"))
                    #expect(try await older.readEnd() == .finished)
                    for client in [other, newer] {
                        try await client.send(RawClient.frame(.text, "still here"))
                        #expect(try await client.readFrame().text == "still here")
                    }
                    let report = gateway.registry.waits()
                    #expect(
                        report.resources.map(\.id) == ["register", "unregister", "kick"].map { "gateway/queue:\($0)" })
                    #expect(report.resource("queue:unregister")?.freedBy == ["gateway/thread:hub"])
                    #expect(report.actors.allSatisfy { $0.waitsFor == nil })
                    try await newer.send(RawClient.close(1000))
                    #expect(try await newer.readFrame().closeCode == 1000)
                    #expect(try await newer.readEnd() == .finished)
                    other.reset()
                    try await expectEmpty(gateway)
                    #expect(gateway.status.registryCounters.kicked.value == 1)
                }
            }
        }
    }

    /// The unregister queue is full, and its only reader waits for a place in it.
    @Test func hubWaitsForItself() async throws {
        try await withGateway {
            $0.registryDefect = Self.slowHub(.flagBeforeLock)
        } _: { gateway in
            let witness = try await RawClient.admitted(port: gateway.port, account: "witness")
            #expect(WaitReport.cycle(in: [gateway.registry.waits()]) == nil)
            var load = HubLoad(gateway)
            let cycle = try await provoke([gateway]) { try await loginOverOpenOnes(&load) }
            #expect(cycle == ["gateway/thread:hub"])
            let hub = try #require(gateway.registry.waits().actor("thread:hub"))
            #expect(hub.waitsFor == "gateway/queue:unregister")
            #expect(hub.doing.contains(/^kicking session \d+ \(user-\d+\) for session \d+$/))
            try await expectFrozen(gateway, witness)
        }
    }

    /// The hub waits for a write lock whose holder waits for the queue that only the hub reads.
    @Test func hubAndReaderWaitForEachOther() async throws {
        try await withGateway {
            $0.registryDefect = Self.slowHub(.lockBeforeFlag)
            // A client object used again may be kicked while open, and the hub then waits for itself before it comes to this.
            $0.registryDefect?.pool = .off
        } _: { gateway in
            let witness = try await RawClient.admitted(port: gateway.port, account: "witness")
            var load = HubLoad(gateway)
            let cycle = try await provoke([gateway]) { try await closeAndReconnect(&load) }
            #expect(cycle.count == 2)
            let report = gateway.registry.waits()
            let hub = try #require(report.actor("thread:hub"))
            let lock = try #require(report.resources.first { $0.id == hub.waitsFor })
            #expect(lock.what.contains(/^write lock of session \d+ \(user-\d+\)$/))
            let reader = try #require(report.actors.first { [$0.id] == lock.freedBy })
            #expect(reader.what.hasPrefix("reader of session "))
            #expect(reader.waitsFor == "gateway/queue:unregister")
            #expect(Set(cycle) == [hub.id, reader.id])
            try await expectFrozen(gateway, witness)
        }
    }

    /// Old sessions are answered, new ones are not, and the process tells why.
    private func expectFrozen(_ gateway: Gateway, _ witness: RawClient) async throws {
        let status = gateway.status
        let before = status.registryCounters.registered.value
        var late: [RawClient] = []
        // The first fill the register queue and are answered.
        while status.queues.registerGauge.waitingCount == 0 {
            late.append(try await RawClient.upgraded(port: gateway.port, account: "late-\(late.count)"))
            try #require(late.count < 20, "\(status.queuesDocument())")
        }
        let last = try await RawClient.upgraded(port: gateway.port, account: "last")
        try await last.send(RawClient.frame(.ping, "in?"))
        try await witness.send(RawClient.frame(.text, "still here"))
        #expect(try await witness.readFrame().text == "still here")
        try await Task.sleep(for: .milliseconds(200))
        #expect(last.poll() == nil)
        #expect(status.registryCounters.registered.value == before)

        let client = try RawClient(port: gateway.apiPort)
        try await client.send("GET /debug/queues HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
        #expect(try await client.readHead().contains("\r\nContent-Type: application/json\r\n"))
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(try await client.readToEnd())) as? [String: Any])
        #expect(document["pid"] as? Int32 == getpid())
        let actors = try #require(document["actors"] as? [[String: Any]])
        let hub = try #require(actors.first { $0["id"] as? String == "gateway/thread:hub" })
        #expect(try #require(hub["waiting_ms"] as? Int) >= 200)
        let handshakes = try #require(actors.first { $0["id"] as? String == "gateway/handshakes" })
        #expect(try #require(handshakes["count"] as? Int) >= 2)
        #expect(handshakes["waits_for"] as? String == "gateway/queue:register")
        let resources = try #require(document["resources"] as? [[String: Any]])
        let queue = try #require(resources.first { $0["id"] as? String == "gateway/queue:unregister" })
        #expect(queue["used"] as? Int == 2 && queue["capacity"] as? Int == 2)

        let threadID = try #require(hub["tid"] as? Int)
        let directory = "/proc/self/task/\(threadID)"
        #expect(try String(contentsOfFile: "\(directory)/comm", encoding: .utf8) == "hub\n")
        #expect(try String(contentsOfFile: "\(directory)/stat", encoding: .utf8).contains(") S "))
        #expect(try String(contentsOfFile: "\(directory)/wchan", encoding: .utf8).contains("futex"))

        // Those who give up leave their sockets behind.
        let connections = status.connections
        last.close()
        try await Task.sleep(for: .milliseconds(100))
        #expect(status.connections == connections)

        let start = ContinuousClock.now
        await gateway.shutdown()
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(status.connections == 0)
    }

    /// Without an open older login, and without clients used again, the order of 3.5.1 does not lock up, however full the
    /// queue is.
    @Test func closingFirstIsHarmlessIfTheFlagIsTestedFirst() async throws {
        try await withGateway {
            $0.registryDefect = Self.slowHub(.flagBeforeLock)
            $0.registryDefect?.unregisterTime = .milliseconds(3)
            $0.registryDefect?.pool = .off
        } _: { gateway in
            var load = HubLoad(gateway)
            for _ in 0..<8 {
                load.closeAll()
                // Each reader has set its flag, and most wait in line.
                try await eventually("all ends noticed", of: gateway) { gateway.status.connections == 0 }
                for client in try await load.logIn(0..<20) {
                    _ = try await client.readHead()
                }
            }
            load.closeAll()
            try await expectSettled(gateway)
            #expect(gateway.status.queues.unregisterGauge.highestDepth == 2)
        }
    }

    @Test func hubNeverFreezesIfNobodyIsKicked() async throws {
        for order in RegistryDefect.Order.allCases {
            try await withGateway {
                $0.registryDefect = Self.slowHub(order)
                $0.registryDefect?.unregisterTime = .milliseconds(1)
                $0.loginPolicy = .allowAll
            } _: { gateway in
                var load = HubLoad(gateway)
                for _ in 0..<5 {
                    try await loginOverOpenOnes(&load)
                    try await closeAndReconnect(&load)
                }
                load.closeAll()
                try await expectSettled(gateway)
            }
        }
    }

    /// The variant that a public report saw: the handshake itself hangs.
    @Test func handshakesHangBehindTheQueue() async throws {
        try await withGateway {
            $0.registryDefect = Self.slowHub(.flagBeforeLock)
            $0.registryDefect?.handshake = .behindQueue
            $0.handshakeTimeout = .milliseconds(300)
        } _: { gateway in
            let witness = try await RawClient.admitted(port: gateway.port, account: "witness")
            var load = HubLoad(gateway)
            _ = try await provoke([gateway]) { try await loginOverOpenOnes(&load) }
            let handshakes = gateway.status.sum(\.handshakes)
            var late = HubLoad(gateway, prefix: "late")
            let clients = try await late.logIn(0..<6)
            try await eventually("a line", of: gateway) { gateway.status.queues.registerGauge.waitingCount >= 4 }
            // Longer than the handshake timeout, which is for those who do not ask.
            try await Task.sleep(for: .milliseconds(700))
            #expect(gateway.status.sum(\.handshakes) <= handshakes + 2)
            let last = try #require(clients.last)
            #expect(last.poll() == nil)
            let connections = gateway.status.connections
            last.close()
            try await Task.sleep(for: .milliseconds(100))
            #expect(gateway.status.connections == connections)
            try await witness.send(RawClient.frame(.text, "still here"))
            #expect(try await witness.readFrame().text == "still here")
            await gateway.shutdown()
            #expect(gateway.status.connections == 0)
        }
    }

    /// A connection that ends while its upgrade waits leaves nothing behind once it is its turn.
    @Test func forgetsThoseWhoGiveUpWaiting() async throws {
        for handshake in RegistryDefect.Handshake.allCases {
            try await withGateway {
                $0.registryDefect = Self.slowHub(.flagBeforeLock, capacity: 1)
                $0.registryDefect?.registerTime = .milliseconds(20)
                $0.registryDefect?.handshake = handshake
            } _: { gateway in
                var load = HubLoad(gateway)
                let clients = try await load.logIn(0..<12)
                try await eventually("all twelve have asked", of: gateway) {
                    let gauge = gateway.status.queues.registerGauge
                    return gateway.status.registryCounters.registered.value + gauge.depth + gauge.waitingCount >= 12
                }
                for (index, client) in clients.enumerated() {
                    if index.isMultiple(of: 2) { client.reset() } else { client.close() }
                }
                try await eventually("nothing left", of: gateway) {
                    let status = gateway.status
                    let counters = status.registryCounters
                    return status.connections == 0 && counters.registered.value == 12
                        && counters.unregistered.value + counters.sessions.value == 12
                }
                _ = try await RawClient.admitted(port: gateway.port, account: "next")
            }
        }
    }
}
