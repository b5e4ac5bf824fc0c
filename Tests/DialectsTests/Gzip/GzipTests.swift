import Testing

@testable import Dialects

@Suite struct GzipTests {
    private static func inflate(_ bytes: [UInt8], limit: Int = 1 << 20) throws(OpenIMFault) -> [UInt8] {
        var inflater = GzipInflater(maxBytes: limit)
        var out = ScratchBuffer(capacity: 16)
        let exact = ExactBytes(bytes)
        return Array(try inflater.inflate(exact.view, to: &out))
    }

    private static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var deflater = GzipDeflater()
        var out = ScratchBuffer(capacity: 16)
        let exact = ExactBytes(bytes)
        return Array(deflater.deflate(exact.view, to: &out))
    }

    @Test(arguments: Vectors.shared.all.indices)
    func goesFramesInflate(_ index: Int) throws {
        let vector = Vectors.shared.all[index]
        guard let gob = vector.gzipGobHex, let json = vector.gzipJsonHex else { return }
        #expect(try Self.inflate([UInt8](hex: gob)) == vector.gob)
        #expect(try Self.inflate([UInt8](hex: json)) == Array(vector.json!.utf8))
    }

    @Test func roundTrip() throws {
        var random = SeededRandom()
        var deflater = GzipDeflater()
        var inflater = GzipInflater(maxBytes: 1 << 20)
        var packed = ScratchBuffer(capacity: 1)
        var out = ScratchBuffer(capacity: 1)
        for count in Array(0..<300) + [4095, 4096, 4097, 51_200, 70_000, 1 << 20] {
            let bytes = random.below(2) == 0 ? random.bytes(count) : (0..<count).map { UInt8($0 / 7 % 251) }
            let exact = ExactBytes(bytes)
            let member = ExactBytes(Array(deflater.deflate(exact.view, to: &packed)))
            #expect(
                Array(try inflater.inflate(member.view, to: &out)) == bytes, "\(count) bytes, seed \(random.seed)")
        }
    }

    @Test func membersAreReadThroughAndNothingElse() throws {
        let (first, second) = (Self.deflate([1, 2, 3]), Self.deflate([4]))
        #expect(try Self.inflate(first + second + Self.deflate([])) == [1, 2, 3, 4])
        for rest in [[0], [0x1F], Array(second.dropLast()), Array("garbage".utf8)] as [[UInt8]] {
            #expect(throws: OpenIMFault.self) { try Self.inflate(first + rest) }
        }
        for plain in [[], [0x5C], Array(#"{"reqIdentifier":1}"#.utf8)] as [[UInt8]] {
            #expect(throws: OpenIMFault.self) { try Self.inflate(plain) }
        }
    }

    @Test func theLimitCountsInflatedBytes() throws {
        for limit in [0, 1, 15, 16, 17, 4096, 10_000] {
            let bytes = [UInt8](repeating: 7, count: limit)
            #expect(try Self.inflate(Self.deflate(bytes), limit: limit) == bytes)
            #expect(throws: OpenIMFault.tooLong(what: "the inflated frame")) {
                try Self.inflate(Self.deflate(bytes + [7]), limit: limit)
            }
        }
    }

    /// A frame of some kilobytes that stands for a gigabyte is refused, and costs no more than the limit.
    @Test func aBombIsRefused() {
        let member = Self.deflate([UInt8](repeating: 0, count: 16 << 20))
        let bomb = (0..<64).flatMap { _ in member }
        let limit = 100_000
        for encoding in [OpenIMCodec.Encoding.gob, .json] {
            let box = CodecBox(encoding, compresses: true, maxInflatedBytes: limit)
            let before = box.codec.heldBytes
            for _ in 0..<3 {
                #expect(throws: OpenIMFault.tooLong(what: "the inflated frame")) { try box.codec.read(bomb) }
            }
            #expect(box.codec.heldBytes <= before + limit + 1)
        }
    }
}
