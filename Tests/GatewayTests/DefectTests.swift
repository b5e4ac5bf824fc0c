import Foundation
import Glibc
import Testing

@testable import Gateway

extension GatewayTests {
    @Test func slowHandshakesAreExponentialAndRepeatable() {
        var configuration = GatewayConfiguration()
        configuration.defects = [.slowHandshake(p99: .milliseconds(100))]
        configuration.seed = TestSeed.value
        func delays() throws -> [Duration] {
            let defects = LoopDefects(try #require(GatewayDefects(configuration)), loopIndex: 0)
            return try (0..<20_000).map { _ in try #require(defects.handshakeDelay()) }
        }
        #expect(throws: Never.self) {
            let drawn = try delays()
            #expect(try delays() == drawn)
            let sorted = drawn.sorted()
            #expect((0.085...0.115).contains(sorted[19_800] / .seconds(1)), "seed \(TestSeed.value): \(sorted[19_800])")
            // Median of the exponential distribution: ln 2 / ln 100 of its 99th percentile.
            #expect((0.0135...0.0165).contains(sorted[10_000] / .seconds(1)), "seed \(TestSeed.value)")
        }
    }

    @Test func slowHandshakesAreAnsweredLater() async throws {
        try await withGateway {
            $0.defects = [.slowHandshake(p99: .seconds(2))]
            $0.seed = 7
            // The deadline is for the request, which is there at once.
            $0.handshakeTimeout = .milliseconds(100)
        } _: { gateway in
            let start = ContinuousClock.now
            for number in 0..<4 {
                let client = try await RawClient.admitted(port: gateway.port, account: "user-\(number)")
                try await client.send(RawClient.frame(.text, "x"))
                #expect(try await client.readFrame().text == "x")
            }
            #expect(ContinuousClock.now - start > .milliseconds(100))
            #expect(gateway.status.sum(\.handshakeTimeouts) == 0)
        }
    }

    @Test func neverClosedSocketsStayInCloseWait() async throws {
        try await withGateway {
            $0.defects = [.neverClose(share: 0.5)]
            $0.closeTimeout = .milliseconds(50)
        } _: { gateway in
            var kinds: [Bool] = []
            for number in 0..<6 {
                let client = try await RawClient.admitted(port: gateway.port, account: "user-\(number)")
                if number < 4 {
                    try await client.send(RawClient.close(1000))
                }
                // The last two end TCP without a close frame.
                client.finishSending()
                if number % 2 == 0 {
                    let isAnswered = number < 4
                    if isAnswered { #expect(try await client.readFrame().closeCode == 1000) }
                    #expect(try await client.readEnd() == .finished)
                } else {
                    try await Task.sleep(for: .milliseconds(100))
                    #expect(client.poll() == nil)
                }
                kinds.append(number % 2 == 1)
                client.close()
            }
            try await eventually(
                "three in CLOSE_WAIT",
                state: { "\((try? OpenDescriptors.tcpStates(localPort: gateway.port)) ?? [])" }
            ) {
                try OpenDescriptors.tcpStates(localPort: gateway.port).filter { $0 == "08" }.count == 3
            }
            #expect(gateway.status.connections == 3)
        }
    }

    @Test func aKickOfANeverClosedConnectionIsSilent() async throws {
        try await withGateway {
            $0.defects = [.neverClose(share: 1)]
        } _: { gateway in
            let first = try await RawClient.admitted(port: gateway.port, account: "a")
            _ = try await RawClient.admitted(port: gateway.port, account: "a")
            try await eventually("kicked", of: gateway) { gateway.status.registryCounters.kicked.value == 1 }
            try await Task.sleep(for: .milliseconds(100))
            #expect(first.poll() == nil)
            #expect(gateway.status.connections == 2)
        }
    }

    @Test func memoryGrowsByEachMessage() async throws {
        try await withGateway {
            $0.defects = [.memoryGrowth(bytesPerMessage: 1 << 20)]
        } _: { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            let before = try #require(ProcessUsage.read().residentBytes)
            for _ in 0..<64 {
                try await client.send(RawClient.frame(.text, "x"))
                #expect(try await client.readFrame().text == "x")
            }
            let grown = try #require(ProcessUsage.read().residentBytes) - before
            #expect(grown > 60 << 20, "\(grown) bytes")
        }
    }

    @Test func slowMessagesBurnCPU() async throws {
        try await withGateway {
            $0.defects = [.slow(cpuPerMessage: .milliseconds(20))]
        } _: { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            let before = ProcessUsage.read().cpuSeconds
            for _ in 0..<25 {
                try await client.send(RawClient.frame(.text, "x"))
                #expect(try await client.readFrame().text == "x")
            }
            #expect(ProcessUsage.read().cpuSeconds - before >= 0.5)
        }
    }

    @Test func stopsReadingInTheMiddleOfAReply() async throws {
        try await withGateway {
            $0.defects = [.stopReading(after: .zero, share: 0.5)]
        } _: { gateway in
            // Every second connection.
            let healthy = try await RawClient.admitted(port: gateway.port, account: "a")
            let stuck = try await RawClient.upgraded(port: gateway.port, account: "b")
            try await stuck.send(RawClient.frame(.text, "0123456789"))
            try await stuck.send(RawClient.frame(.ping, "?"))
            try await eventually("half a reply", of: gateway) { gateway.status.registryCounters.sessions.value == 2 }
            let message = [UInt8](repeating: 7, count: 1 << 16)
            var sent = 0
            var idleRounds = 0
            while idleRounds < 300, sent < 1 << 26 {
                let count = try stuck.sendSome(message[...])
                sent += count
                idleRounds = count == 0 ? idleRounds + 1 : 0
                if count == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
            #expect(sent < 1 << 26, "it is still read")
            #expect(stuck.poll() == nil, "a whole frame has come")
            try await healthy.send(RawClient.frame(.text, "x"))
            #expect(try await healthy.readFrame().text == "x")
            // What came is a header for ten bytes and five of them.
            gateway.cut()
            let rest = try await stuck.readToEnd()
            #expect(rest == [0x81, 10] + Array("01234".utf8))
        }
    }

    @Test func stopsReadingFromATimeOn() async throws {
        try await withGateway {
            $0.defects = [.stopReading(after: .seconds(1), share: 1)]
        } _: { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            var answered = 0
            let deadline = ContinuousClock.now + .seconds(RawClient.timeoutSeconds)
            var isAnswered = true
            while isAnswered, ContinuousClock.now < deadline {
                try await client.send(RawClient.frame(.ping, "?"))
                isAnswered = false
                for _ in 0..<200 where !isAnswered {
                    isAnswered = client.poll() != nil
                    if !isAnswered { try await Task.sleep(for: .milliseconds(5)) }
                }
                if isAnswered { answered += 1 }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(!isAnswered, "it never stopped")
            #expect(answered > 1, "it never read")
            #expect(gateway.status.connections == 1)
        }
    }

    @Test func crashesWhenItsTimeIsOver() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try await withGateway {
                $0.defects = [.crash(after: .milliseconds(100))]
            } _: { _ in
                try await Task.sleep(for: .seconds(30))
            }
        }
    }

    @Test func aShutdownPreventsTheCrash() async throws {
        try await withGateway {
            $0.defects = [.crash(after: .milliseconds(300))]
        } _: { _ in
        }
        try await Task.sleep(for: .milliseconds(500))
    }
}
