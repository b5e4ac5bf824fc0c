/// IP addresses in their text form, without the help of the system's resolver.
enum NumericAddress {
    /// Four decimal numbers up to 255 without leading zeros (RFC 3986 §3.2.2).
    static func isIPv4(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && (part.utf8.count == 1 || part.utf8.first != 0x30) && UInt8(part) != nil
            }
    }

    /// Eight groups of hexadecimal digits, one run of zero groups shortened to `::`, the last two groups perhaps as
    /// an IPv4 address (RFC 4291 §2.2).
    ///
    /// No zone.
    static func isIPv6(_ text: some StringProtocol) -> Bool {
        let text = String(text)
        guard let gap = doubleColon(in: text) else { return groups(text) == 8 }
        let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard let before = head.isEmpty ? 0 : groups(head, mayEndInIPv4: false),
            let after = tail.isEmpty ? 0 : groups(tail)
        else { return false }
        return before + after < 8
    }

    private static func doubleColon(in text: String) -> Range<String.Index>? {
        guard let start = text.indices.first(where: { text[$0...].hasPrefix("::") }) else { return nil }
        return start..<text.index(start, offsetBy: 2)
    }

    /// Groups between single colons; nil when one is malformed.
    private static func groups(_ text: some StringProtocol, mayEndInIPv4: Bool = true) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var count = 0
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, isIPv4(part) {
                count += 2
            } else {
                guard (1...4).contains(part.utf8.count),
                    part.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
                else { return nil }
                count += 1
            }
        }
        return count
    }
}
