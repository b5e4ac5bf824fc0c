/// XOR of a payload with its masking key (RFC 6455 §5.3), 16 bytes at a time.
///
/// A key is a number whose most significant byte is the first on the wire: `0x37fa213d` is sent as 37 fa 21 3d.
package enum Masking {
    /// Masks or unmasks `bytes` where they are.
    ///
    /// - Parameter offset: Where `bytes` begin within the payload; the key goes on from there.
    package static func apply(key: UInt32, offset: Int = 0, to bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        apply(key: key, offset: offset, from: UnsafeRawPointer(base), count: bytes.count, to: base)
    }

    /// Copies `source` to `destination`, masked; the two are the same memory or do not overlap.
    ///
    /// - Parameters:
    ///   - offset: Where `source` begins within the payload; the key goes on from there.
    ///   - destination: Room for as many bytes as `source` has.
    package static func copy(
        key: UInt32, offset: Int = 0, from source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer
    ) {
        guard let base = source.baseAddress else { return }
        apply(key: key, offset: offset, from: base, count: source.count, to: destination)
    }

    @inline(__always)
    private static func apply(
        key: UInt32, offset: Int, from source: UnsafeRawPointer, count: Int, to destination: UnsafeMutableRawPointer
    ) {
        let rotation = UInt32(truncatingIfNeeded: offset & 3) &* 8
        let rotated = (key &<< rotation) | (key &>> ((32 &- rotation) & 31))
        // In memory order: whatever the machine's byte order is, the first byte of a word meets the first byte of the key.
        let word = (UInt64(rotated) << 32 | UInt64(rotated)).bigEndian
        let block = SIMD2(repeating: word)
        var index = 0
        while count - index >= 16 {
            let plain = source.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
            destination.storeBytes(of: plain ^ block, toByteOffset: index, as: SIMD2<UInt64>.self)
            index += 16
        }
        if count - index >= 8 {
            let plain = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            destination.storeBytes(of: plain ^ word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        var tail = rotated
        while index < count {
            tail = (tail &<< 8) | (tail &>> 24)
            let plain = source.load(fromByteOffset: index, as: UInt8.self)
            destination.storeBytes(of: plain ^ UInt8(truncatingIfNeeded: tail), toByteOffset: index, as: UInt8.self)
            index += 1
        }
    }
}
