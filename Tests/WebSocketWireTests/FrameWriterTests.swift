import Testing
import WebSocketWire

struct FrameWriterTests {
    static func frame(_ opcode: Opcode, isFinal: Bool = true, key: UInt32, _ payload: [UInt8]) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: FrameWriter.encodedLength(payloadBytes: payload.count))
        let written = frame.withUnsafeMutableBytes { room in
            payload.withUnsafeBytes {
                FrameWriter.write(opcode, isFinal: isFinal, maskingKey: key, payload: $0, to: room.baseAddress!)
            }
        }
        #expect(written == frame.count)
        return frame
    }

    /// The masked samples of RFC 6455 §5.7.
    @Test func samplesOfTheRFC() {
        let hello = Array("Hello".utf8)
        let masked: [UInt8] = [0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(Self.frame(.text, key: 0x37FA_213D, hello) == [0x81, 0x85] + masked)
        #expect(Self.frame(.pong, key: 0x37FA_213D, hello) == [0x8A, 0x85] + masked)
        #expect(Self.frame(.text, isFinal: false, key: 0, [0x48]) == [0x01, 0x81, 0, 0, 0, 0, 0x48])
        #expect(Self.frame(.continuation, key: 0, []) == [0x80, 0x80, 0, 0, 0, 0])
    }

    private static let lengthFields: [(Int, [UInt8])] = [
        (0, [0x80]), (125, [0x80 | 125]), (126, [0x80 | 126, 0, 126]), (65_535, [0x80 | 126, 255, 255]),
        (65_536, [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ]

    @Test(arguments: lengthFields)
    func lengthIsMinimal(_ length: Int, _ field: [UInt8]) {
        let frame = Self.frame(.binary, key: 0x0102_0304, [UInt8](repeating: 0, count: length))
        #expect(Array(frame.prefix(1 + field.count + 4)) == [0x82] + field + [1, 2, 3, 4])
        #expect(frame.count == FrameWriter.headerBytes(payloadBytes: length) + length)
        #expect(FrameWriter.headerBytes(payloadBytes: length) <= FrameWriter.maxHeaderBytes)
    }

    @Test func inPlaceEqualsCopied() {
        var random = TestRandom(seed: TestSettings.seed)
        for length in Array(0...140) + [65_535, 65_536, 70_001] {
            let payload = random.bytes(length)
            let key = UInt32(truncatingIfNeeded: random.next())
            let header = FrameWriter.headerBytes(payloadBytes: length)
            var frame = [UInt8](repeating: 0, count: header) + payload
            let written = frame.withUnsafeMutableBytes {
                FrameWriter.finishInPlace(.binary, maskingKey: key, payloadBytes: length, at: $0.baseAddress!)
            }
            #expect(written == frame.count)
            #expect(frame == Self.frame(.binary, key: key, payload))
        }
    }
}
