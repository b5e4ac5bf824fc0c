import NIOCore
import NIOWebSocket
import Testing

@testable import Gateway

struct FrameTests {
    static let key: WebSocketMaskingKey = [0x37, 0xfa, 0x21, 0x3d]

    /// As NIO's decoder delivers it: the payload still masked.
    static func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, key: WebSocketMaskingKey? = key
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: payload)
        if let key {
            data.webSocketMask(key)
        }
        return WebSocketFrame(fin: isFinal, opcode: opcode, maskKey: key, data: data)
    }

    static func payload(_ buffer: ByteBuffer) -> [UInt8] {
        Array(buffer.readableBytesView)
    }

    @Test func unmasksEveryLengthAtEveryOffset() {
        let seed = TestSeed.value
        var random = TestRandom(seed: seed)
        for length in 0...70 {
            for offset in 0..<9 {
                let payload = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                let key = WebSocketMaskingKey.random(using: &random)
                var data = ByteBuffer(repeating: 0, count: offset)
                data.writeBytes(payload.enumerated().map { $1 ^ key[$0 % 4] })
                data.moveReaderIndex(forwardBy: offset)
                let frame = WebSocketFrame(fin: true, opcode: .binary, maskKey: key, data: data)
                let unmasked = FrameBuffer.unmasking(frame, allocator: ByteBufferAllocator())
                #expect(Self.payload(unmasked) == payload, "length \(length), offset \(offset), seed \(seed)")
            }
        }
    }

    @Test func assemblesFragments() {
        var assembler = MessageAssembler()
        let allocator = ByteBufferAllocator()
        func append(_ frame: WebSocketFrame) -> MessageAssembler.Result {
            assembler.append(frame, maxBytes: 10, allocator: allocator)
        }
        #expect(append(Self.frame(.text, Array("Gr".utf8) + [0xc3], isFinal: false)) == .incomplete)
        #expect(append(Self.frame(.continuation, [], isFinal: false)) == .incomplete)
        let result = append(Self.frame(.continuation, [0xbc] + Array("ße".utf8)))
        guard case .message(.text, let payload) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(Self.payload(payload) == Array("Grüße".utf8))
        #expect(append(Self.frame(.continuation, [])) == .fault(.nothingToContinue))
    }

    @Test func refusesWhatIsNoMessage() {
        let allocator = ByteBufferAllocator()
        func append(_ frames: WebSocketFrame...) -> MessageAssembler.Result {
            var assembler = MessageAssembler()
            return frames.map { assembler.append($0, maxBytes: 4, allocator: allocator) }.last ?? .incomplete
        }
        #expect(
            append(Self.frame(.text, [1], isFinal: false), Self.frame(.binary, [1])) == .fault(.messageInsideMessage))
        #expect(append(Self.frame(.binary, [1, 2, 3, 4, 5])) == .fault(.messageTooBig))
        let tooBig = append(Self.frame(.binary, [1, 2, 3], isFinal: false), Self.frame(.continuation, [4, 5]))
        #expect(tooBig == .fault(.messageTooBig))
        #expect(append(Self.frame(.text, [0xed, 0xa0, 0x80])) == .fault(.invalidUTF8))
        #expect(append(Self.frame(.text, [0xf4, 0x90, 0x80, 0x80])) == .fault(.invalidUTF8))
        #expect(append(Self.frame(.text, [0xc0, 0xaf])) == .fault(.invalidUTF8))
    }

    @Test func checksHeaders() {
        #expect(MessageAssembler.headerFault(of: Self.frame(.ping, [])) == nil)
        #expect(MessageAssembler.headerFault(of: Self.frame(.text, [], key: nil)) == .unmasked)
        var reserved = Self.frame(.text, [])
        reserved.rsv2 = true
        #expect(MessageAssembler.headerFault(of: reserved) == .reservedBits)
        for opcode in WebSocketOpcode.allCases {
            let isKnown = [WebSocketOpcode.continuation, .text, .binary, .connectionClose, .ping, .pong].contains(
                opcode)
            let fault = MessageAssembler.headerFault(of: Self.frame(opcode, []))
            #expect(fault == (isKnown ? nil : .reservedOpcode))
        }
    }

    @Test(arguments: [
        ([], ClosePayload.Parsed.code(nil)),
        ([0x03, 0xe8], .code(1000)),
        ([0x0b, 0xb8, 0x6f, 0x6b], .code(3000)),
        ([0x13, 0x87], .code(4999)),
        ([0x03], .fault(.closeBodyOfOneByte)),
        ([0x00, 0x00], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xe7], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xec], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xed], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xee], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xf7], .fault(.closeCodeNotAllowed)),
        ([0x0b, 0xb7], .fault(.closeCodeNotAllowed)),
        ([0x13, 0x88], .fault(.closeCodeNotAllowed)),
        ([0x03, 0xe8, 0xff], .fault(.invalidUTF8)),
    ])
    func parsesCloseBodies(bytes: [UInt8], expected: ClosePayload.Parsed) {
        #expect(ClosePayload.parse(ByteBuffer(bytes: bytes)) == expected)
    }
}
