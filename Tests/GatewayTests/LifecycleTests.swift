import Foundation
import Testing

@testable import Gateway

/// Everything that runs a gateway: one test at a time, since descriptors and threads are the process's.
@Suite(.serialized) struct GatewayTests {
    @Test func asksEveryoneToGoOnShutdown() async throws {
        try await withGateway {
            $0.shutdownGrace = .seconds(15)
            $0.registrationDelay = .milliseconds(50)
        } _: { gateway in
            let open = try await RawClient.admitted(port: gateway.port, account: "open")
            let plain = try RawClient(port: gateway.port)
            try await eventually("both accepted", of: gateway) { gateway.status.connections == 2 }
            let shutdown = Task { await gateway.shutdown() }
            #expect(try await plain.readEnd() == .finished)
            #expect(try await open.readFrame().closeCode == 1001)

            // The admin port still answers, and says so.
            let probe = try RawClient(port: gateway.apiPort)
            try await probe.send("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n")
            #expect(try await probe.readHead().hasPrefix("HTTP/1.1 503 "))
            #expect(throws: RawClient.SystemCallFailed.self) { try RawClient(port: gateway.port) }

            try await open.send(RawClient.close(1001))
            #expect(try await open.readEnd() == .finished)
            await shutdown.value
            #expect(gateway.status.closes() == [.init(code: 1001, initiator: .gateway): 1])
            #expect(gateway.status.registryCounters.sessions.value == 0)
        }
    }

    @Test func cutsThoseWhoDoNotAnswerAShutdown() async throws {
        try await withGateway {
            $0.shutdownGrace = .milliseconds(200)
            $0.registrationDelay = .seconds(30)
        } _: { gateway in
            let waiting = try await RawClient.upgraded(port: gateway.port, account: "a")
            let behind = try await RawClient.upgraded(port: gateway.port, account: "b")
            let start = ContinuousClock.now
            await gateway.shutdown()
            // Neither the peers nor the backend call of 30 s hold it up.
            #expect(ContinuousClock.now - start < .seconds(15))
            for client in [waiting, behind] {
                #expect(try await client.readFrame().closeCode == 1001)
                #expect(try await client.readEnd() == .finished)
            }
            #expect(gateway.status.connections == 0)
        }
    }

    @Test func cutEndsTheGracePeriod() async throws {
        try await withGateway {
            $0.shutdownGrace = .seconds(3600)
            $0.closeTimeout = .seconds(3600)
        } _: { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            let shutdown = Task { await gateway.shutdown() }
            #expect(try await client.readFrame().closeCode == 1001)
            gateway.cut()
            await shutdown.value
            #expect(gateway.status.connections == 0)
        }
    }

    @Test func leavesNothingRunning() async throws {
        try await withGateway { _ in }
        let usage = ProcessUsage.read()
        for _ in 0..<5 {
            try await withGateway { gateway in
                _ = try await RawClient.admitted(port: gateway.port, account: "a")
            }
        }
        #expect(try #require(ProcessUsage.read().openDescriptors) <= usage.openDescriptors ?? 0)
        // Threads end a moment after they are joined or detached; Swift's own pool may grow to the cores.
        let deadline = ContinuousClock.now + .seconds(RawClient.timeoutSeconds)
        let limit = (usage.threads ?? 0) + 2
        while try #require(ProcessUsage.read().threads) > limit, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try #require(ProcessUsage.read().threads) <= limit)
    }

    @Test func saysWhyItCannotStart() async throws {
        func failure(_ change: (inout GatewayConfiguration) -> Void) async -> GatewayError? {
            var configuration = GatewayConfiguration()
            configuration.logFile = "/dev/null"
            change(&configuration)
            do {
                await (try Gateway.start(configuration)).shutdown()
                return nil
            } catch {
                return error
            }
        }
        try await withGateway { gateway in
            #expect(await failure { $0.port = gateway.port } == .addressInUse(address: gateway.address))
            #expect(await failure { $0.apiPort = gateway.port } == .addressInUse(address: gateway.address))
        }
        #expect(await failure { $0.host = "192.0.2.1" } == .addressNotAvailable(address: "192.0.2.1:0"))
        #expect(
            await failure { $0.host = "no such host" } == .hostNotFound(host: "no such host"))
        let log = await failure { $0.logFile = "/nowhere/gateway.log" }
        #expect(log == .cannotOpenLog(path: "/nowhere/gateway.log", reason: "No such file or directory"))
        #expect(await failure { $0.port = 65536 } == .configuration(field: "port", expected: "a port from 0 to 65535"))
        #expect(await failure { $0.queueCapacity = 0 }?.slug == "configuration")
        #expect(await failure { $0.maxMessageBytes = 1 << 33 }?.slug == "configuration")
        #expect(await failure { $0.closeTimeout = .zero }?.slug == "configuration")
    }

    /// In a process of its own, because the limit is the process's.
    @Test func waitsForDescriptorsWithoutSpinning() async {
        await #expect(processExitsWith: .success) {
            try await withGateway { gateway in
                let clients = try (0..<40).map { _ in try RawClient() }
                try await OpenDescriptors.warmUp()
                let limits = try #require(DescriptorLimit.current())
                let highest = try #require(
                    FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int($0) }.max())
                defer { DescriptorLimit.setSoft(limits.soft) }
                DescriptorLimit.setSoft(UInt(highest + 4))
                // Every free number below the limit but three.
                var fillers: [Int32] = []
                while case let filler = open("/dev/null", O_RDONLY), filler >= 0 {
                    fillers.append(filler)
                }
                defer { fillers.forEach { close($0) } }
                for _ in 0..<3 {
                    close(fillers.removeLast())
                }
                for (number, client) in clients.enumerated() {
                    try client.connect(port: gateway.port)
                    try await client.send(RawClient.upgradeRequest("user-\(number)"))
                }
                try await eventually("accept fails", of: gateway) { gateway.status.acceptErrors.value > 0 }
                let before = gateway.status.acceptErrors.value
                try await Task.sleep(for: .milliseconds(500))
                // Five with pauses of 100 ms; a hundred thousand without.
                #expect(gateway.status.acceptErrors.value - before < 100)
                #expect(gateway.status.connections < 40)
                DescriptorLimit.setSoft(limits.soft)
                for client in clients {
                    #expect(try await client.readHead().hasPrefix("HTTP/1.1 101 "))
                }
            }
        }
    }

    @Test func sharesAPort() async throws {
        try await withGateway {
            $0.reusePort = true
        } _: { first in
            try await withGateway {
                $0.reusePort = true
                $0.port = first.port
            } _: { second in
                var clients: [RawClient] = []
                // The kernel spreads by a hash of the addresses: 64 on one side has a chance of 2^-63.
                for number in 0..<64 {
                    clients.append(try await RawClient.admitted(port: first.port, account: "user-\(number)"))
                }
                #expect(first.status.connections + second.status.connections == 64)
                #expect(first.status.connections > 0)
                #expect(second.status.connections > 0)
            }
        }
    }

    @Test func listensOnIPv6() async throws {
        try await withGateway {
            $0.host = "[::1]"
            $0.apiHost = "::1"
        } _: { gateway in
            #expect(gateway.address == "[::1]:\(gateway.port)")
            #expect(gateway.apiAddress == "[::1]:\(gateway.apiPort)")
        }
    }

    @Test func readyLineIsJSON() throws {
        let line = ReadyLine(
            role: .proxy, address: "[::1]:1", api: "127.0.0.1:2", internal: "127.0.0.1:4", pid: 3)
        let text =
            #"{"event":"listening","role":"proxy","address":"[::1]:1","api":"127.0.0.1:2","#
            + #""internal":"127.0.0.1:4","pid":3}"#
        #expect(line.text == text)
        #expect(try JSONDecoder().decode(ReadyLine.self, from: Data(line.text.utf8)) == line)
    }
}
