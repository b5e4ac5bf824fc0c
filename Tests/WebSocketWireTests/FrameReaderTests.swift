import Testing
import WebSocketWire

/// Frames that a server may send, and what comes of them at every cut.
struct FrameReaderTests {
    struct Sample: CustomTestStringConvertible {
        let testDescription: String
        let stream: [UInt8]
        let expected: [Observed]

        init(_ name: String, _ stream: [UInt8], _ expected: [Observed]) {
            testDescription = name
            self.stream = stream
            self.expected = expected
        }
    }

    static let hello = Array("Hello".utf8)

    static let samples = [
        Sample("RFC 6455 §5.7 text", [0x81, 5, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [.message(.text, hello)]),
        Sample(
            "RFC 6455 §5.7 fragmented text", [0x01, 3, 0x48, 0x65, 0x6C, 0x80, 2, 0x6C, 0x6F], [.message(.text, hello)]),
        Sample("RFC 6455 §5.7 ping", [0x89, 5, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [.ping(hello)]),
        Sample("pong", [0x8A, 5, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [.pong(hello)]),
        Sample(
            "RFC 6455 §5.7 256 bytes", [0x82, 126, 1, 0] + [UInt8](repeating: 7, count: 256),
            [.message(.binary, [UInt8](repeating: 7, count: 256))]),
        Sample("empty text", [0x81, 0], [.message(.text, [])]),
        Sample("empty binary, empty ping", [0x82, 0, 0x89, 0], [.message(.binary, []), .ping([])]),
        Sample("empty fragments", [0x01, 0, 0x00, 0, 0x80, 0], [.message(.text, [])]),
        Sample(
            "control frames between fragments",
            ServerFrame(.text, [0x48], isFinal: false).bytes + ServerFrame(.ping, [1, 2]).bytes
                + ServerFrame(.continuation, [0x65], isFinal: false).bytes + ServerFrame(.pong).bytes
                + ServerFrame(.continuation, [0x6C, 0x6C, 0x6F]).bytes,
            [.ping([1, 2]), .pong([]), .message(.text, hello)]),
        Sample(
            "a character in four fragments",
            [0x01, 1, 0xF0, 0x00, 1, 0x9F, 0x00, 1, 0x98, 0x80, 1, 0x80], [.message(.text, [0xF0, 0x9F, 0x98, 0x80])]),
        Sample("close without code", [0x88, 0], [.close(nil, [])]),
        Sample("close 1000", [0x88, 2, 0x03, 0xE8], [.close(1000, [])]),
        Sample("close with reason", [0x88, 5, 0x0F, 0xA1, 0xE2, 0x82, 0xAC], [.close(4001, [0xE2, 0x82, 0xAC])]),
        Sample("nothing is read behind a close frame", [0x88, 0, 0x81, 1, 0x61, 0xFF, 0xFF], [.close(nil, [])]),
        Sample("close within a message", [0x01, 1, 0x61, 0x88, 0], [.close(nil, [])]),
        Sample("longest control payload", [0x89, 125] + [UInt8](0..<125), [.ping([UInt8](0..<125))]),
        Sample(
            "shortest 16-bit length", [0x82, 126, 0, 126] + [UInt8](0..<126), [.message(.binary, [UInt8](0..<126))]),
    ]

    @Test(arguments: samples)
    func sampleReadsTheSameAtEveryCut(_ sample: Sample) throws {
        #expect(try Transcript.of(sample.stream) == sample.expected)
        for first in 0...sample.stream.count {
            for second in first...min(sample.stream.count, first + 12) {
                #expect(
                    try Transcript.of(sample.stream, cuts: [first, second]) == sample.expected,
                    "cuts \(first), \(second)")
            }
        }
        #expect(try Transcript.of(sample.stream, cuts: Array(0..<sample.stream.count)) == sample.expected)
    }

    @Test(arguments: [125, 126, 127, 65_535, 65_536, 65_537])
    func lengthFormsMeet(_ length: Int) throws {
        let payload = [UInt8](repeating: 0x61, count: length)
        for opcode in [Opcode.text, .binary] {
            let stream = ServerFrame(opcode, payload).bytes
            let expected = [Observed.message(opcode, payload)]
            #expect(try Transcript.of(stream) == expected)
            for cut in [1, 2, 3, 4, 9, 10, 11, length, stream.count - 1] {
                #expect(try Transcript.of(stream, cuts: [cut]) == expected, "cut \(cut)")
            }
        }
    }

    @Test func partsTellTheirPlaceInTheMessage() {
        var reader = FrameReader(maxMessageBytes: 100)
        let stream: [UInt8] = [0x02, 3, 1, 2, 3, 0x80, 2, 4, 5, 0x82, 1, 6]
        stream.withUnsafeBytes { input in
            var offset = 0
            #expect(
                reader.next(input, at: &offset)
                    == .messagePart(opcode: .binary, range: 2..<5, isFirst: true, isLast: false))
            #expect(reader.isInMessage)
            #expect(
                reader.next(input, at: &offset)
                    == .messagePart(opcode: .binary, range: 7..<9, isFirst: false, isLast: true))
            #expect(!reader.isInMessage)
            #expect(
                reader.next(input, at: &offset)
                    == .messagePart(opcode: .binary, range: 11..<12, isFirst: true, isLast: true))
            #expect(reader.next(input, at: &offset) == .needMoreBytes)
            #expect(offset == 12)
        }
    }

    @Test func randomStreamsReadTheSameAtEveryCut() throws {
        for round in 0..<300 {
            var random = TestRandom(seed: TestSettings.seed &+ UInt64(round))
            let stream = ServerStream.random(messages: 1 + random.below(6), longest: 300, using: &random)
            #expect(try Transcript.of(stream.bytes) == stream.expected, "seed \(TestSettings.seed), round \(round)")
            for _ in 0..<20 {
                let cuts = (0..<random.below(8)).map { _ in random.below(stream.bytes.count + 1) }.sorted()
                let observed = try Transcript.of(stream.bytes, cuts: cuts)
                #expect(observed == stream.expected, "seed \(TestSettings.seed), round \(round), cuts \(cuts)")
            }
        }
    }

    @Test func aMessageOfManyFragmentsIsWhole() throws {
        var stream = ServerFrame(.text, Array("a".utf8), isFinal: false).bytes
        for _ in 0..<65_534 { stream += ServerFrame(.continuation, Array("b".utf8), isFinal: false).bytes }
        stream += ServerFrame(.continuation, Array("c".utf8)).bytes
        guard case .message(.text, let text)? = try Transcript.of(stream).first else {
            Issue.record("no message")
            return
        }
        #expect(text.count == 65_536 && text.first == 0x61 && text.last == 0x63)
    }

    /// One lies in each account: 32 bytes that every frame needs, then the violation and the control payload.
    @Test func sizePerConnection() {
        #expect(MemoryLayout<FrameReader>.size <= 32 + 1 + FrameWriter.maxControlPayloadBytes)
    }

    @Test func emptyInputIsNoEvent() {
        var reader = FrameReader(maxMessageBytes: 1)
        var offset = 0
        #expect(reader.next(UnsafeRawBufferPointer(start: nil, count: 0), at: &offset) == .needMoreBytes)
    }
}
