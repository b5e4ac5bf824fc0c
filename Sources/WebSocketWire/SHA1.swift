/// SHA-1 (RFC 3174).
///
/// It is broken as a signature; the opening handshake uses it as a checksum (RFC 6455 §1.3).
enum SHA1 {
    static let digestBytes = 20
    private static let blockBytes = 64

    /// Writes the digest of `message` to `destination`, which has room for ``digestBytes`` bytes.
    static func digest(_ message: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) {
        var state = State()
        let wholeBytes = message.count / blockBytes * blockBytes
        if let base = message.baseAddress {
            for start in stride(from: 0, to: wholeBytes, by: blockBytes) { state.absorb(base + start) }
        }
        // The rest, a 1 bit, zeros and the length in bits fill one block or two.
        withUnsafeTemporaryAllocation(byteCount: 2 * blockBytes, alignment: 8) { padded in
            let rest = UnsafeRawBufferPointer(rebasing: message[wholeBytes...])
            padded.initializeMemory(as: UInt8.self, repeating: 0)
            padded.copyMemory(from: rest)
            padded[rest.count] = 0x80
            let paddedBytes = rest.count + 9 <= blockBytes ? blockBytes : 2 * blockBytes
            let lengthBits = UInt64(message.count) * 8
            padded.storeBytes(of: lengthBits.bigEndian, toByteOffset: paddedBytes - 8, as: UInt64.self)
            guard let base = UnsafeRawPointer(padded.baseAddress) else { return }
            for start in stride(from: 0, to: paddedBytes, by: blockBytes) { state.absorb(base + start) }
        }
        state.write(to: destination)
    }

    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        mutating func absorb(_ block: UnsafeRawPointer) {
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
                guard let words = schedule.baseAddress else { return }
                for index in 0..<16 {
                    let word = block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    words[index] = UInt32(bigEndian: word)
                }
                for index in 16..<80 {
                    let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                    words[index] = Self.rotated(mixed, by: 1)
                }
                var next = self
                for index in 0..<20 {
                    next.turn((next.b & next.c) | (~next.b & next.d), 0x5A82_7999, words[index])
                }
                for index in 20..<40 { next.turn(next.b ^ next.c ^ next.d, 0x6ED9_EBA1, words[index]) }
                for index in 40..<60 {
                    let majority = (next.b & next.c) | (next.b & next.d) | (next.c & next.d)
                    next.turn(majority, 0x8F1B_BCDC, words[index])
                }
                for index in 60..<80 { next.turn(next.b ^ next.c ^ next.d, 0xCA62_C1D6, words[index]) }
                a &+= next.a
                b &+= next.b
                c &+= next.c
                d &+= next.d
                e &+= next.e
            }
        }

        @inline(__always)
        private mutating func turn(_ choice: UInt32, _ constant: UInt32, _ word: UInt32) {
            let sum = Self.rotated(a, by: 5) &+ choice &+ e &+ constant &+ word
            e = d
            d = c
            c = Self.rotated(b, by: 30)
            b = a
            a = sum
        }

        @inline(__always)
        private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
            (word &<< bits) | (word &>> (32 &- bits))
        }

        func write(to destination: UnsafeMutableRawPointer) {
            destination.storeBytes(of: a.bigEndian, toByteOffset: 0, as: UInt32.self)
            destination.storeBytes(of: b.bigEndian, toByteOffset: 4, as: UInt32.self)
            destination.storeBytes(of: c.bigEndian, toByteOffset: 8, as: UInt32.self)
            destination.storeBytes(of: d.bigEndian, toByteOffset: 12, as: UInt32.self)
            destination.storeBytes(of: e.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
    }
}
