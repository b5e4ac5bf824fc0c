/// Rows of a CSV text (RFC 4180): lines end with LF or CRLF, quoted fields may hold commas, line ends and doubled
/// quotes. Empty lines are no rows.
struct CSVRows {
    struct Row {
        /// Where it begins, from 1.
        let line: Int
        var fields: [String]
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(CredentialProblem) -> Row? {
        while skipLineEnd() {}
        guard position < bytes.count else { return nil }
        var row = Row(line: line, fields: [])
        while true {
            row.fields.append(try field())
            guard position < bytes.count, bytes[position] == Self.comma else { break }
            position += 1
        }
        _ = skipLineEnd()
        return row
    }

    /// Consumes a line's end, if it is the next.
    private mutating func skipLineEnd() -> Bool {
        guard isAtLineEnd else { return false }
        position += bytes[position] == Self.lineFeed ? 1 : 2
        line += 1
        return true
    }

    private var isAtLineEnd: Bool {
        guard position < bytes.count else { return false }
        return bytes[position] == Self.lineFeed
            || bytes[position] == Self.carriageReturn && position + 1 < bytes.count
                && bytes[position + 1] == Self.lineFeed
    }

    private mutating func field() throws(CredentialProblem) -> String {
        if position < bytes.count, bytes[position] == Self.quote { return try quotedField() }
        let start = position
        while position < bytes.count, bytes[position] != Self.comma, !isAtLineEnd {
            guard bytes[position] != Self.quote else {
                throw CredentialProblem(line: line, what: "a quote within a field that does not begin with one")
            }
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quotedField() throws(CredentialProblem) -> String {
        let startLine = line
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.quote {
                guard position < bytes.count, bytes[position] == Self.quote else {
                    guard position == bytes.count || bytes[position] == Self.comma || isAtLineEnd else {
                        throw CredentialProblem(line: line, what: "text behind a closing quote")
                    }
                    return String(decoding: content, as: UTF8.self)
                }
                position += 1
            } else if byte == Self.lineFeed {
                line += 1
            }
            content.append(byte)
        }
        throw CredentialProblem(line: startLine, what: "a quote that is not closed")
    }
}
