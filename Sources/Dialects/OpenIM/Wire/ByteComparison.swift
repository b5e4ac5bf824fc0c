extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `other`, compared by words.
    func holdsSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index + 8 <= count {
            guard loadWord(at: index) == other.loadWord(at: index) else { return false }
            index += 8
        }
        while index < count {
            guard self[index] == other[index] else { return false }
            index += 1
        }
        return true
    }

    func holdsSameBytes(as text: StaticString) -> Bool {
        holdsSameBytes(as: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func hasPrefix(_ prefix: UnsafeRawBufferPointer) -> Bool {
        count >= prefix.count && UnsafeRawBufferPointer(rebasing: self[..<prefix.count]).holdsSameBytes(as: prefix)
    }

    /// Equal but for the case of ASCII letters: how Go's decoder of JSON finds the field of a key (without the two
    /// letters outside ASCII that fold to `k` and `s`, which nobody sends).
    func holdsSameLetters(as text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where Self.lowercased(self[index]) != Self.lowercased(text.utf8Start[index]) {
            return false
        }
        return true
    }

    func part(_ start: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[start..<start + length])
    }

    private func loadWord(at index: Int) -> UInt64 { loadUnaligned(fromByteOffset: index, as: UInt64.self) }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
