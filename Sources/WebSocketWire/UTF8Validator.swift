/// Checks UTF-8 (RFC 3629) that arrives in pieces, and rejects at the first byte that no valid text can contain there.
///
/// Between calls it keeps what the next byte must be: overlong forms, surrogates and values above U+10FFFF all show in the allowed
/// range of a sequence's second byte (Unicode §3.9, table 3-7).
struct UTF8Validator: BitwiseCopyable, Sendable {
    private var missingBytes: UInt8 = 0
    private var lowestNext: UInt8 = 0x80
    private var highestNext: UInt8 = 0xBF

    init() {}

    /// Whether the bytes so far end between two characters; text that ends elsewhere is not UTF-8.
    var isAtBoundary: Bool { missingBytes == 0 }

    /// Takes the next piece.
    ///
    /// - Returns: Whether the text can still become valid. After `false` the value must not be used again.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var index = 0
        while missingBytes != 0 {
            guard index < count else { return true }
            guard step(base.load(fromByteOffset: index, as: UInt8.self)) else { return false }
            index += 1
        }
        while true {
            index = Self.endOfASCII(base, from: index, to: count)
            guard index < count else { return true }
            // Whole sequences here, so that text in other scripts costs a few comparisons a character.
            let lead = base.load(fromByteOffset: index, as: UInt8.self)
            if lead >= 0xC2, lead <= 0xDF, index + 1 < count {
                guard Self.isTrailing(base, index + 1) else { return false }
                index += 2
            } else if lead >= 0xE1, lead <= 0xEC, index + 2 < count {
                guard Self.isTrailing(base, index + 1), Self.isTrailing(base, index + 2) else { return false }
                index += 3
            } else {
                repeat {
                    guard step(base.load(fromByteOffset: index, as: UInt8.self)) else { return false }
                    index += 1
                } while missingBytes != 0 && index < count
            }
        }
    }

    /// One byte; every rule is here.
    @inline(__always)
    private mutating func step(_ byte: UInt8) -> Bool {
        if missingBytes != 0 {
            guard byte >= lowestNext, byte <= highestNext else { return false }
            missingBytes -= 1
            lowestNext = 0x80
            highestNext = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missingBytes = 1
        case 0xE0...0xEF:
            missingBytes = 2
            if byte == 0xE0 { lowestNext = 0xA0 }
            if byte == 0xED { highestNext = 0x9F }
        case 0xF0...0xF4:
            missingBytes = 3
            if byte == 0xF0 { lowestNext = 0x90 }
            if byte == 0xF4 { highestNext = 0x8F }
        default: return false
        }
        return true
    }

    @inline(__always)
    private static func isTrailing(_ base: UnsafeRawPointer, _ index: Int) -> Bool {
        base.load(fromByteOffset: index, as: UInt8.self) & 0xC0 == 0x80
    }

    /// The first index in `start..<end` whose byte is not ASCII, or `end`.
    @inline(__always)
    private static func endOfASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while end - index >= 32 {
            let first = base.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
            let second = base.loadUnaligned(fromByteOffset: index + 16, as: SIMD2<UInt64>.self)
            let either = first | second
            guard (either.x | either.y) & highBits == 0 else { break }
            index += 32
        }
        while end - index >= 8 {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self)) & highBits
            guard word == 0 else { return index + word.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < end, base.load(fromByteOffset: index, as: UInt8.self) < 0x80 { index += 1 }
        return index
    }
}
