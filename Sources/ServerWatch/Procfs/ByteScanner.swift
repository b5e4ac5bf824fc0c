/// Walks over text that came from outside; never traps, whatever it holds.
struct ByteScanner {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        position = start
        self.end = end
    }

    var isAtEnd: Bool { position >= end }

    /// What is left up to the line's end, which is passed over; nil at the end of the text.
    mutating func line() -> ByteScanner? {
        guard !isAtEnd else { return nil }
        let start = position
        while position < end, bytes[position] != 0x0A { position += 1 }
        defer { position += 1 }
        return ByteScanner(bytes, from: start, to: position)
    }

    /// The next word, which ends at a blank; nil when there is none.
    mutating func word() -> ByteScanner? {
        skipBlanks()
        let start = position
        while position < end, !Self.isBlank(bytes[position]) { position += 1 }
        return position > start ? ByteScanner(bytes, from: start, to: position) : nil
    }

    /// Passes over `count` words.
    mutating func skipWords(_ count: Int) {
        for _ in 0..<count where word() == nil { return }
    }

    /// A decimal number that fits, at the next word's begin.
    mutating func decimal() -> UInt64? {
        skipBlanks()
        return number(radix: 10)
    }

    /// A hexadecimal number that fits; a leading `0x` is passed over.
    mutating func hexadecimal() -> UInt64? {
        skipBlanks()
        if position + 1 < end, bytes[position] == 0x30, bytes[position + 1] | 0x20 == 0x78 { position += 2 }
        return number(radix: 16)
    }

    /// Exactly `count` hexadecimal digits.
    mutating func hexadecimal(digits count: Int) -> UInt64? {
        guard count <= end - position else { return nil }
        var part = ByteScanner(bytes, from: position, to: position + count)
        guard let number = part.number(radix: 16), part.isAtEnd else { return nil }
        position += count
        return number
    }

    /// Passes over `byte` if it is next.
    mutating func skip(_ byte: Character) -> Bool {
        guard position < end, bytes[position] == byte.asciiValue else { return false }
        position += 1
        return true
    }

    /// Passes over `prefix` if it is next.
    mutating func skip(prefix: StaticString) -> Bool {
        guard prefix.utf8CodeUnitCount <= end - position else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[position + index] != prefix.utf8Start[index] {
            return false
        }
        position += prefix.utf8CodeUnitCount
        return true
    }

    /// What is left, without blanks at its ends.
    var rest: String {
        var start = position
        var end = end
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }

    private mutating func skipBlanks() {
        while position < end, Self.isBlank(bytes[position]) { position += 1 }
    }

    private mutating func number(radix: UInt64) -> UInt64? {
        let start = position
        var number: UInt64 = 0
        while position < end, let digit = Self.digit(bytes[position]), digit < radix {
            let (product, overflow) = number.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            number = sum
            position += 1
        }
        return position > start ? number : nil
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x61...0x66: UInt64(byte - 0x61 + 10)
        case 0x41...0x46: UInt64(byte - 0x41 + 10)
        default: nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
