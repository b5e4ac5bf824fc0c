import Testing

@testable import Gateway

extension GatewayTests {
    @Test func echoesTextAndBinaryOfAllSizes() async throws {
        try await withGateway { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            for size in [0, 1, 125, 126, 127, 65535, 65536, 1 << 20] {
                let text = [UInt8](repeating: UInt8(ascii: "x"), count: size)
                try await client.send(RawClient.frame(head: 0x81, payload: text))
                #expect(try await client.readFrame() == RawClient.Frame(head: 0x81, payload: text))
                let binary = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                try await client.send(RawClient.frame(head: 0x82, payload: binary))
                #expect(try await client.readFrame() == RawClient.Frame(head: 0x82, payload: binary))
            }
            #expect(gateway.status.sum(\.messagesReceived) == 16)
            #expect(gateway.status.sum(\.messagesSent) == 16)
        }
    }

    @Test func assemblesFragmentsAroundControlFrames() async throws {
        try await withGateway { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            try await client.send(RawClient.frame(.text, "Hel", isFinal: false))
            try await client.send(RawClient.frame(.ping, "now"))
            try await client.send(RawClient.frame(.pong, "unasked"))
            try await client.send(RawClient.frame(.continuation, "", isFinal: false))
            try await client.send(RawClient.frame(.continuation, "lo"))
            #expect(try await client.readFrame() == RawClient.Frame(head: 0x8a, payload: Array("now".utf8)))
            #expect(try await client.readFrame() == RawClient.Frame(head: 0x81, payload: Array("Hello".utf8)))
        }
    }

    @Test func answersFramesThatComeByteByByteAndAllAtOnce() async throws {
        try await withGateway { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            for byte in RawClient.frame(.text, "slowly") {
                try await client.send([byte])
            }
            #expect(try await client.readFrame().text == "slowly")
            let batch = (0..<500).flatMap { RawClient.frame(.text, "message \($0)") }
            try await client.send(batch)
            for number in 0..<500 {
                #expect(try await client.readFrame().text == "message \(number)")
            }
        }
    }

    @Test func keepsWhatComesBeforeTheAdmission() async throws {
        try await withGateway {
            $0.registrationDelay = .milliseconds(300)
        } _: { gateway in
            let client = try RawClient(port: gateway.port)
            var bytes = Array(RawClient.upgradeRequest("early").utf8)
            bytes += RawClient.frame(.ping, "p") + RawClient.frame(.text, "behind the request")
            try await client.send(bytes)
            #expect(try await client.readHead().hasPrefix("HTTP/1.1 101 "))
            try await client.send(RawClient.frame(.text, "behind the answer"))
            #expect(client.poll() == nil)
            #expect(gateway.status.registryCounters.registered.value == 0)
            #expect(try await client.readFrame().opcode == 0xa)
            #expect(try await client.readFrame().text == "behind the request")
            #expect(try await client.readFrame().text == "behind the answer")
            #expect(gateway.status.registryCounters.registered.value == 1)
        }
    }

    /// A peer that does not read is not read, and gets everything once it does.
    @Test func respectsASlowReader() async throws {
        try await withGateway { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "slow")
            let message = RawClient.frame(head: 0x82, payload: [UInt8](repeating: 7, count: 1 << 16))
            let sent = try await flood(client, with: message)
            try await client.send(Array(message[(sent % message.count)...]))
            let expected = sent / message.count + 1
            for _ in 0..<expected {
                let frame = try await client.readFrame()
                #expect(frame.head == 0x82 && frame.payload.count == 1 << 16)
            }
        }
    }

    /// A peer that waits for its admission may send no more than fits in the kernel's buffers.
    @Test func doesNotReadOnBeforeTheAdmission() async throws {
        try await withGateway {
            $0.registrationDelay = .seconds(60)
        } _: { gateway in
            let client = try await RawClient.upgraded(port: gateway.port, account: "eager")
            let message = RawClient.frame(head: 0x82, payload: [UInt8](repeating: 7, count: 1 << 16))
            _ = try await flood(client, with: message)
            client.reset()
        }
    }

    /// Sends a message again and again until the peer takes no more for 300 ms, which must be before 64 MiB.
    private func flood(_ client: RawClient, with message: [UInt8]) async throws -> Int {
        let limit = 1 << 26
        var sent = 0
        var idleRounds = 0
        while idleRounds < 300, sent < limit {
            let count = try client.sendSome(message[(sent % message.count)...])
            sent += count
            idleRounds = count == 0 ? idleRounds + 1 : 0
            if count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(sent < limit, "the gateway takes 64 MiB from a peer that it does not answer")
        return sent
    }
}
