import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing
import WebSocketWire

/// Valid frames through our codec and through NIOWebSocket's: both must mean the same.
struct NIOCodecTests {
    private static func nioOpcode(_ opcode: Opcode) -> WebSocketOpcode {
        switch opcode {
        case .continuation: .continuation
        case .text: .text
        case .binary: .binary
        case .close: .connectionClose
        case .ping: .ping
        case .pong: .pong
        }
    }

    @Test func nioReadsWhatWeWrite() throws {
        var random = TestRandom(seed: TestSettings.seed)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        for round in 0..<400 {
            let opcode = [Opcode.continuation, .text, .binary, .close, .ping, .pong].randomElement(using: &random)!
            let longest = opcode.isControl ? 125 : [125, 126, 300, 65_535, 65_536].randomElement(using: &random)!
            let payload = random.bytes(random.below(longest + 1))
            let isFinal = opcode.isControl || random.oneIn(2)
            let key = UInt32(truncatingIfNeeded: random.next())
            try channel.writeInbound(
                ByteBuffer(bytes: FrameWriterTests.frame(opcode, isFinal: isFinal, key: key, payload)))
            let frame = try #require(try channel.readInbound(as: WebSocketFrame.self))
            #expect(frame.opcode == Self.nioOpcode(opcode) && frame.fin == isFinal, "round \(round)")
            #expect(!frame.rsv1 && !frame.rsv2 && !frame.rsv3)
            #expect(frame.maskKey.map(Array.init) == (0..<4).map { UInt8(truncatingIfNeeded: key >> (24 - 8 * $0)) })
            #expect(Array(frame.unmaskedData.readableBytesView) == payload, "round \(round)")
        }
    }

    @Test func weReadWhatNIOWrites() throws {
        var random = TestRandom(seed: TestSettings.seed)
        for round in 0..<200 {
            let channel = EmbeddedChannel(handler: WebSocketFrameEncoder())
            defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
            let plain = ServerStream.random(messages: 4, longest: 70_000 / (1 + random.below(500)), using: &random)
            var stream: [UInt8] = []
            for frame in try Self.frames(plain.bytes) {
                try channel.writeOutbound(frame)
                while let bytes = try channel.readOutbound(as: ByteBuffer.self) { stream += bytes.readableBytesView }
            }
            #expect(stream == plain.bytes, "seed \(TestSettings.seed), round \(round)")
            #expect(try Transcript.of(stream) == plain.expected, "seed \(TestSettings.seed), round \(round)")
        }
    }

    /// The stream's frames as NIO's decoder sees them.
    private static func frames(_ stream: [UInt8]) throws -> [WebSocketFrame] {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.writeInbound(ByteBuffer(bytes: stream))
        var frames: [WebSocketFrame] = []
        while let frame = try channel.readInbound(as: WebSocketFrame.self) { frames.append(frame) }
        return frames
    }
}
