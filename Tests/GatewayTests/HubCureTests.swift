import Testing

@testable import Gateway

extension GatewayTests {
    /// The loads that freeze a hub, on cured ones.
    @Test(arguments: RegistryDefect.Cure.allCases.filter { $0 != .none }, RegistryDefect.Order.allCases)
    func curesRemoveTheWaitsWithinAGateway(cure: RegistryDefect.Cure, order: RegistryDefect.Order) async throws {
        try await withGateway {
            $0.registryDefect = Self.slowHub(order, cure: cure)
            $0.registryDefect?.unregisterTime = .milliseconds(3)
            // Else the last client could be kicked for another; `curesHoldUnderTidyChurn` has that.
            $0.registryDefect?.pool = .off
        } _: { gateway in
            var load = HubLoad(gateway)
            for _ in 0..<6 {
                try await loginOverOpenOnes(&load)
                try await closeAndReconnect(&load)
            }
            let counters = gateway.status.registryCounters
            #expect(counters.kicked.value > 0)
            let last = try await RawClient.admitted(port: gateway.port, account: "last")
            try await eventually("the last one is registered", of: gateway) {
                gateway.status.queues.registerGauge.depth == 0 && gateway.status.queues.registerGauge.waitingCount == 0
            }
            last.close()
            load.closeAll()
            try await expectSettled(gateway)
        }
    }

    @Test func aDefectBringsItsOwnQueuesAndTimes() throws {
        let defect = try Defect(parsing: "register-unregister-deadlock:order=B,queue=7,seed=9,cure=split-loops")
        guard case .registerUnregisterDeadlock(let registryDefect) = defect else {
            Issue.record("\(defect)")
            return
        }
        #expect(registryDefect.seed == 9 && registryDefect.queueCapacity == 7)
        let changes: [(inout GatewayConfiguration) -> Void] = [
            { $0.queueCapacity = 5 }, { $0.registrationDelay = .seconds(1) }, { $0.unregistrationDelay = .seconds(1) },
            { $0.registryDefect?.queueCapacity = 0 }, { $0.registryDefect?.kickTime = .seconds(-1) },
        ]
        for change in changes {
            var configuration = GatewayConfiguration()
            configuration.registryDefect = registryDefect
            try configuration.validate()
            change(&configuration)
            #expect(throws: GatewayError.self) { try configuration.validate() }
        }
    }

    @Test func theOpenIMVersionDecidesWhatTheTextLeavesOpen() throws {
        func defect(_ options: String, _ version: OpenIMVersion?) throws -> RegistryDefect {
            let text = "register-unregister-deadlock\(options)"
            guard case .registerUnregisterDeadlock(let defect) = try Defect(parsing: text, openIMVersion: version)
            else {
                throw DefectError.unknownDefect(text, known: [])
            }
            return defect
        }
        #expect(try defect("", nil) == RegistryDefect())
        #expect(try defect("", .v3_5_1) == RegistryDefect())
        let later = try defect("", .v3_8_3)
        #expect(later.order == .lockBeforeFlag)
        #expect(later.registerTime == .zero && later.unregisterTime == .zero && later.kickTime == .milliseconds(1))
        #expect(try defect(":order=A", .v3_8_3) == RegistryDefect())
        #expect(try defect(":order=B", .v3_5_1) == later)
        let slow = try defect(":call=5ms,unregister=2ms,pool=off", .v3_5_1)
        #expect(slow.registerTime == .milliseconds(5) && slow.unregisterTime == .milliseconds(2))
        #expect(slow.kickTime == .zero && slow.pool == .off)
        #expect(try defect(":call=5ms", .v3_8_3).kickTime == .milliseconds(5))
        #expect(throws: DefectError.self) { try defect(":pool=maybe", nil) }
    }

    @Test func curesShowTheirThreads() async throws {
        let threads: [RegistryDefect.Cure: [String]] = [
            .none: ["hub"], .splitLoops: ["hub-register", "hub-unregister"], .unboundedUnregister: ["hub"],
            .kickElsewhere: ["hub", "kicker"],
        ]
        for (cure, names) in threads {
            try await withGateway {
                $0.registryDefect = Self.slowHub(.lockBeforeFlag, cure: cure)
            } _: { gateway in
                let report = gateway.registry.waits()
                #expect(report.actors.map(\.id) == names.map { "gateway/thread:\($0)" })
                let queue = try #require(report.resource("queue:unregister"))
                #expect(queue.capacity == (cure == .unboundedUnregister ? nil : 2))
                #expect(queue.freedBy == ["gateway/thread:\(cure == .splitLoops ? "hub-unregister" : "hub")"])
            }
        }
    }
}
