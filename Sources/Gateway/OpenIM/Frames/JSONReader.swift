internal import NIOCore

/// Reads JSON text (RFC 8259) as Go's encoding/json does: strings that are not UTF-8, or hold half a surrogate pair,
/// get U+FFFD there.
struct JSONReader {
    enum Malformed: Error, Equatable {
        case truncated
        case unexpected(UInt8)
        case badEscape
        case controlCharacter
        case badNumber
        case nestedTooDeep
        case extraBytes
        /// A value of the request is not what the receiver has there.
        case wrongType(field: String)
        case notBase64
    }

    /// Deeper values are refused; Go itself goes to 10,000.
    private static let maxDepth = 500

    private(set) var rest: ByteBufferView.SubSequence

    init(_ buffer: ByteBuffer) {
        rest = buffer.readableBytesView[...]
    }

    // MARK: Characters

    mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || (0x09...0x0a).contains($0) || $0 == 0x0d }
    }

    private mutating func next() throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .truncated }
        return byte
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        let found = try next()
        guard found == byte else { throw .unexpected(found) }
    }

    /// The first byte of what comes next.
    mutating func peek() throws(Malformed) -> UInt8 {
        skipSpace()
        guard let byte = rest.first else { throw .truncated }
        return byte
    }

    /// Nothing but space may be left.
    mutating func finish() throws(Malformed) {
        skipSpace()
        guard rest.isEmpty else { throw .extraBytes }
    }

    // MARK: Values

    /// Calls `body` for each member of an object, with its name, to read the value.
    mutating func object(
        _ body: (ByteBuffer, inout JSONReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        guard try peek() == UInt8(ascii: "{") else { throw .unexpected(try next()) }
        _ = try next()
        if try peek() == UInt8(ascii: "}") {
            _ = try next()
            return
        }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw .unexpected(try next()) }
            let name = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            try body(name, &self)
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return
            case let byte: throw .unexpected(byte)
            }
        }
    }

    /// - Returns: whether a `null` was there, which is taken.
    mutating func takesNull() throws(Malformed) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    private mutating func literal(_ text: StaticString) throws(Malformed) {
        for offset in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[offset]) }
    }

    /// A number's text.
    mutating func number() throws(Malformed) -> String {
        skipSpace()
        let start = rest
        _ = takes([UInt8(ascii: "-")])
        if !takes([UInt8(ascii: "0")]) { try skipDigits() }
        if takes([UInt8(ascii: ".")]) { try skipDigits() }
        if takes([UInt8(ascii: "e"), UInt8(ascii: "E")]) {
            _ = takes([UInt8(ascii: "+"), UInt8(ascii: "-")])
            try skipDigits()
        }
        return String(decoding: start[..<rest.startIndex], as: UTF8.self)
    }

    /// Takes the next byte if it is one of these.
    private mutating func takes(_ bytes: [UInt8]) -> Bool {
        guard let next = rest.first, bytes.contains(next) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipDigits() throws(Malformed) {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        guard count > 0 else { throw .badNumber }
        rest = rest.dropFirst(count)
    }

    /// Passes over a value of any kind.
    mutating func skipValue(depth: Int = 0) throws(Malformed) {
        guard depth < Self.maxDepth else { throw .nestedTooDeep }
        switch try peek() {
        case UInt8(ascii: "{"):
            try object { (_, reader) throws(Malformed) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
    }

    private mutating func skipArray(depth: Int) throws(Malformed) {
        _ = try next()
        if try peek() == UInt8(ascii: "]") {
            _ = try next()
            return
        }
        while true {
            try skipValue(depth: depth + 1)
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "]"): return
            case let byte: throw .unexpected(byte)
            }
        }
    }
}

// MARK: Strings

extension JSONReader {
    mutating func string() throws(Malformed) -> ByteBuffer {
        skipSpace()
        try expect(UInt8(ascii: "\""))
        var bytes = ByteBuffer()
        var isPlain = true
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""):
                if isPlain || bytes.isValidUTF8 { return bytes }
                return ByteBuffer(string: String(buffer: bytes))
            case UInt8(ascii: "\\"): try takeEscape(to: &bytes)
            case ..<0x20: throw .controlCharacter
            default:
                if byte >= 0x80 { isPlain = false }
                bytes.writeInteger(byte)
            }
        }
    }

    private mutating func takeEscape(to bytes: inout ByteBuffer) throws(Malformed) {
        switch try next() {
        case UInt8(ascii: "\""): bytes.writeInteger(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): bytes.writeInteger(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): bytes.writeInteger(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): bytes.writeInteger(UInt8(0x08))
        case UInt8(ascii: "f"): bytes.writeInteger(UInt8(0x0c))
        case UInt8(ascii: "n"): bytes.writeInteger(UInt8(0x0a))
        case UInt8(ascii: "r"): bytes.writeInteger(UInt8(0x0d))
        case UInt8(ascii: "t"): bytes.writeInteger(UInt8(0x09))
        case UInt8(ascii: "u"): try takeCodeUnits(to: &bytes)
        default: throw .badEscape
        }
    }

    /// What stands behind `\u`, and behind a second one if the two are a pair.
    private mutating func takeCodeUnits(to bytes: inout ByteBuffer) throws(Malformed) {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) {
            bytes.writeString(String(Character(scalar)))
            return
        }
        let before = rest
        if first < 0xdc00, rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
            rest = rest.dropFirst(2)
            let second = try codeUnit()
            if (0xdc00...0xdfff).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
            {
                bytes.writeString(String(Character(scalar)))
                return
            }
            rest = before
        }
        bytes.writeString("\u{fffd}")
    }

    private mutating func codeUnit() throws(Malformed) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            switch try next() {
            case let digit where (0x30...0x39).contains(digit): unit = unit << 4 | UInt32(digit - 0x30)
            case let digit where (0x61...0x66).contains(digit): unit = unit << 4 | UInt32(digit - 0x61 + 10)
            case let digit where (0x41...0x46).contains(digit): unit = unit << 4 | UInt32(digit - 0x41 + 10)
            default: throw .badEscape
            }
        }
        return unit
    }
}
