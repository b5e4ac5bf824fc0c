/// One header line, `Name: value` (RFC 9112 §5), as ranges of the head's bytes.
struct HTTPField {
    let name: UnsafeRawBufferPointer
    /// Without white space around it.
    let value: UnsafeRawBufferPointer

    /// Nil unless the name is a token directly before the colon.
    init?(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        guard name.allSatisfy(Self.isTokenByte) else { return nil }
        value = Self.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
    }

    /// How many elements the value has as a comma-separated list (RFC 9110 §5.6.1), and how many of them are `token` in any letter case.
    func countElements(equalTo token: StaticString) -> (elements: Int, matches: Int) {
        var elements = 0
        var matches = 0
        var start = 0
        while start <= value.count {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
            let element = Self.trimmed(UnsafeRawBufferPointer(rebasing: value[start..<end]))
            if !element.isEmpty { elements += 1 }
            if Self.isEqual(element, token) { matches += 1 }
            start = end + 1
        }
        return (elements, matches)
    }

    /// The value as a number of decimal digits; nil when it is something else or does not fit.
    var number: Int? {
        guard !value.isEmpty else { return nil }
        var number = 0
        for byte in value {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, isTooLong) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !isTooLong, !isTooLarge else { return nil }
            number = sum
        }
        return number
    }

    /// Whether `bytes` are `lowercase`, whatever the case of their letters; `lowercase` holds lower-case letters and hyphens.
    static func isEqual(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let isUppercase = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isUppercase ? byte | 0x20 : byte) == lowercase.utf8Start[index] else { return false }
        }
        return true
    }

    /// tchar of RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"): true
        case UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isWhitespace(bytes[start]) { start += 1 }
        while end > start, isWhitespace(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
