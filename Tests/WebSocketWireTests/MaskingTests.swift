import Testing
import WebSocketWire

struct MaskingTests {
    private static let key: UInt32 = 0x37FA_213D

    private static func naive(_ bytes: [UInt8], offset: Int) -> [UInt8] {
        let octets: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes.enumerated().map { $1 ^ octets[($0 + offset) % 4] }
    }

    /// Lengths around every width of the loop, payload offsets of every rotation, memory at every alignment.
    @Test func equalsTheNaiveFormEverywhere() {
        var random = TestRandom(seed: TestSettings.seed)
        for length in 0...80 {
            for alignment in 0..<9 {
                let bytes = random.bytes(length)
                for offset in 0..<9 {
                    let expected = Self.naive(bytes, offset: offset)
                    var room = [UInt8](repeating: 0xEE, count: alignment) + bytes + [0xEE]
                    room.withUnsafeMutableBytes {
                        let payload = UnsafeMutableRawBufferPointer(rebasing: $0[alignment..<(alignment + length)])
                        Masking.apply(key: Self.key, offset: offset, to: payload)
                    }
                    #expect(Array(room[alignment..<(alignment + length)]) == expected)
                    #expect(room.last == 0xEE && room.prefix(alignment).allSatisfy { $0 == 0xEE })

                    var copy = [UInt8](repeating: 0xEE, count: alignment + length + 1)
                    bytes.withUnsafeBytes { source in
                        copy.withUnsafeMutableBytes {
                            Masking.copy(key: Self.key, offset: offset, from: source, to: $0.baseAddress! + alignment)
                        }
                    }
                    #expect(Array(copy[alignment...].dropLast()) == expected && copy.last == 0xEE)
                }
            }
        }
    }

    @Test func piecesMakeTheWhole() {
        var random = TestRandom(seed: TestSettings.seed)
        let bytes = random.bytes(100)
        for cut in 0...100 {
            var pieces = bytes
            pieces.withUnsafeMutableBytes {
                Masking.apply(key: Self.key, to: UnsafeMutableRawBufferPointer(rebasing: $0[..<cut]))
                Masking.apply(key: Self.key, offset: cut, to: UnsafeMutableRawBufferPointer(rebasing: $0[cut...]))
            }
            #expect(pieces == Self.naive(bytes, offset: 0))
        }
    }
}
