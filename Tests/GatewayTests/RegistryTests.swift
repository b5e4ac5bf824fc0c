import Testing

@testable import Gateway

extension GatewayTests {
    @Test func kicksTheOlderLogin() async throws {
        try await withGateway {
            $0.closeTimeout = .milliseconds(300)
        } _: { gateway in
            let older = try await RawClient.admitted(port: gateway.port, account: "a%20b")
            let other = try await RawClient.admitted(port: gateway.port, account: "other")
            let newer = try await RawClient.admitted(port: gateway.port, account: "a b".replacing(" ", with: "%20"))
            let close = try await older.readFrame()
            #expect(close.closeCode == 4001)
            #expect(close.text.contains("newer login"))
            // It does not answer: the gateway closes TCP after the timeout.
            #expect(try await older.readEnd() == .finished)
            for client in [other, newer] {
                try await client.send(RawClient.frame(.text, "still here"))
                #expect(try await client.readFrame().text == "still here")
            }
            let counters = gateway.status.registryCounters
            #expect(counters.kicked.value == 1)
            #expect(counters.accounts.value == 2)
            #expect(counters.sessions.value == 2)
            newer.close()
            other.close()
            try await expectEmpty(gateway)
        }
    }

    /// A login whose connection ends while the backend is asked about it takes nobody's place.
    @Test(arguments: [false, true])
    func aDeadLoginKicksNobody(isInBackendCall: Bool) async throws {
        try await withGateway {
            $0.registrationDelay = .milliseconds(200)
        } _: { gateway in
            let counters = gateway.status.registryCounters
            let live = try await RawClient.admitted(port: gateway.port, account: "a")
            let before = try await RawClient.upgraded(port: gateway.port, account: "b")
            let dead = try await RawClient.upgraded(port: gateway.port, account: "a")
            if isInBackendCall {
                try await eventually("the one before is registered", of: gateway) { counters.registered.value == 2 }
            }
            dead.reset()
            try await eventually("abandoned", of: gateway) { counters.abandoned.value == 1 }
            #expect(counters.replaced.value == 0)
            try await live.send(RawClient.frame(.text, "still here"))
            #expect(try await live.readFrame().text == "still here")
            live.close()
            before.close()
            try await expectEmpty(gateway)
        }
    }

    @Test func keepsAllLoginsIfThePolicySaysSo() async throws {
        try await withGateway {
            $0.loginPolicy = .allowAll
        } _: { gateway in
            let counters = gateway.status.registryCounters
            var clients: [RawClient] = []
            for _ in 0..<5 {
                clients.append(try await RawClient.admitted(port: gateway.port, account: "same"))
            }
            #expect(counters.accounts.value == 1)
            #expect(counters.sessions.value == 5)
            // From the middle, the newest, the oldest.
            for (left, index) in [(4, 2), (3, 3), (2, 0)] {
                clients.remove(at: index).close()
                try await eventually("\(left) sessions", of: gateway) { counters.sessions.value == left }
                #expect(counters.accounts.value == 1)
            }
            for client in clients {
                try await client.send(RawClient.frame(.text, "here"))
                #expect(try await client.readFrame().text == "here")
            }
            clients = []
            try await expectEmpty(gateway)
            #expect(counters.kicked.value == 0)
        }
    }

    @Test func givesGuestsAccountsOfTheirOwn() async throws {
        try await withGateway { gateway in
            let first = try await RawClient.admitted(port: gateway.port, account: nil)
            let second = try await RawClient.admitted(port: gateway.port, account: nil)
            #expect(gateway.status.registryCounters.accounts.value == 2)
            first.close()
            second.close()
            try await expectEmpty(gateway)
        }
    }

    @Test func losesNothingInABurst() async throws {
        try await withGateway {
            $0.registrationDelay = .milliseconds(2)
            $0.queueCapacity = 5
        } _: { gateway in
            var clients: [RawClient] = []
            for number in 0..<200 {
                let client = try RawClient(port: gateway.port)
                try await client.send(RawClient.upgradeRequest("user-\(number)"))
                clients.append(client)
            }
            try await eventually("a line before the register queue", of: gateway) {
                gateway.status.queues.registerGauge.waitingCount > 0
            }
            for (number, client) in clients.enumerated() {
                #expect(try await client.readHead().hasPrefix("HTTP/1.1 101 "))
                try await client.send(RawClient.frame(.text, "\(number)"))
            }
            for (number, client) in clients.enumerated() {
                #expect(try await client.readFrame().text == "\(number)")
            }
            let status = gateway.status
            #expect(status.registryCounters.registered.value == 200)
            #expect(status.registryCounters.accounts.value == 200)
            #expect(status.queues.registerGauge.highestDepth == 5)
            clients = []
            try await expectEmpty(gateway)
            #expect(status.queues.unregisterGauge.highestDepth <= 5)
        }
    }

    /// The load that freezes a gateway whose registry thread puts kicks into its own full queue.
    @Test func survivesAKickStormOnFullQueues() async throws {
        try await withGateway {
            $0.registrationDelay = .milliseconds(1)
            $0.unregistrationDelay = .milliseconds(1)
            $0.queueCapacity = 1
            $0.closeTimeout = .milliseconds(100)
        } _: { gateway in
            var clients: [RawClient] = []
            for number in 0..<300 {
                // Five logins of each of 60 accounts, the older ones left open.
                clients.append(try await RawClient.upgraded(port: gateway.port, account: "user-\(number % 60)"))
            }
            let counters = gateway.status.registryCounters
            try await eventually("all 300 registered", of: gateway) {
                counters.registered.value == 300 && counters.sessions.value == 60
            }
            #expect(counters.accounts.value == 60)
            for client in clients.suffix(60) {
                try await client.send(RawClient.frame(.text, "newest"))
                #expect(try await client.readFrame().text == "newest")
            }
            clients = []
            try await expectEmpty(gateway)
        }
    }

    /// One thread serves the register queue in the order of the upgrades.
    @Test func registersInTheOrderOfTheUpgrades() async throws {
        try await withGateway {
            $0.threads = 1
            $0.queueCapacity = 3
            $0.registrationDelay = .milliseconds(20)
        } _: { gateway in
            var clients: [RawClient] = []
            for number in 0..<12 {
                let client = try await RawClient.upgraded(port: gateway.port, account: "user-\(number)")
                try await client.send(RawClient.frame(.ping, ""))
                clients.append(client)
            }
            var answered = 0
            while answered < clients.count {
                // From the last on: whoever is answered, all before are answered too, or were just now.
                if let latest = clients.indices[answered...].last(where: { clients[$0].poll() != nil }) {
                    for earlier in answered..<latest {
                        #expect(clients[earlier].poll() != nil, "\(latest) was admitted before \(earlier)")
                    }
                    answered = latest + 1
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }
}
