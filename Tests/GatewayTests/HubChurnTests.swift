import Testing

@testable import Gateway

extension GatewayTests {
    /// A hub of 3.5.1 in small.
    ///
    /// Its gateway has one event loop in these tests: of two, one could take the next login before the other has seen
    /// the older connection's end, and that would not be tidy.
    private static func smallHub(pool: RegistryDefect.Pool, cure: RegistryDefect.Cure = .none) -> RegistryDefect {
        var defect = slowHub(.flagBeforeLock, cure: cure, capacity: 20)
        (defect.registerTime, defect.unregisterTime, defect.kickTime) = (.milliseconds(1), .milliseconds(1), .zero)
        defect.pool = pool
        return defect
    }

    private func isFrozen(_ gateway: Gateway) -> Bool {
        let report = gateway.registry.waits()
        return WaitReport.cycle(in: [report]) != nil
            && (report.actor("thread:hub")?.waitingMilliseconds ?? 0) > 300
    }

    /// No login comes before the older connection is closed, and yet the hub kicks an open one and waits for itself.
    @Test func tidyChurnFreezesAHubThatUsesClientsAgain() async throws {
        try await withGateway {
            $0.registryDefect = Self.smallHub(pool: .on)
            $0.threads = 1
        } _: { gateway in
            var churn = TidyChurn(gateway, accounts: 10)
            try await churn.play(online: 0...3) { _ in isFrozen(gateway) }
            let report = gateway.registry.waits()
            #expect(WaitReport.cycle(in: [report]) == ["gateway/thread:hub"])
            #expect(report.actor("thread:hub")?.waitsFor == "gateway/queue:unregister")
            let counters = gateway.status.registryCounters
            #expect(counters.kicked.value > 0 && counters.kicked.value <= counters.replaced.value)
            #expect(
                counters.registered.value
                    == counters.sessions.value + counters.unregistered.value + counters.replaced.value)
            churn.closeAll()
            let start = ContinuousClock.now
            await gateway.shutdown()
            #expect(ContinuousClock.now - start < .seconds(15))
            #expect(gateway.status.connections == 0)
        }
    }

    @Test func tidyChurnIsHarmlessWithFreshClients() async throws {
        try await withGateway {
            $0.registryDefect = Self.smallHub(pool: .off)
            $0.threads = 1
        } _: { gateway in
            var churn = TidyChurn(gateway, accounts: 10)
            try await churn.play(online: 0...3) { $0.logins >= 1500 || isFrozen(gateway) }
            churn.closeAll()
            try await expectSettled(gateway)
            #expect(gateway.status.registryCounters.kicked.value == 0 && churn.cutOff == 0)
        }
    }

    /// The hub goes on kicking connections that are nobody's older login; it does not wait for itself any more.
    @Test(arguments: RegistryDefect.Cure.allCases.filter { $0 != .none })
    func curesHoldUnderTidyChurn(cure: RegistryDefect.Cure) async throws {
        try await withGateway {
            $0.registryDefect = Self.smallHub(pool: .on, cure: cure)
            $0.threads = 1
        } _: { gateway in
            var churn = TidyChurn(gateway, accounts: 10)
            try await churn.play(online: 0...3) { $0.logins >= 1500 || isFrozen(gateway) }
            churn.closeAll()
            try await expectSettled(gateway)
        }
    }

    @Test func tidyChurnIsHarmlessIfNobodyIsKicked() async throws {
        try await withGateway {
            $0.registryDefect = Self.smallHub(pool: .on)
            $0.threads = 1
            $0.loginPolicy = .allowAll
        } _: { gateway in
            var churn = TidyChurn(gateway, accounts: 10)
            try await churn.play(online: 0...3) { $0.logins >= 1000 || isFrozen(gateway) }
            churn.closeAll()
            try await expectSettled(gateway)
            #expect(gateway.status.registryCounters.replaced.value == 0)
        }
    }
}
