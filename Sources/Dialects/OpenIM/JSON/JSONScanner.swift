/// Reads JSON (RFC 8259) from the front of a text. Bytes of strings that are no UTF-8 are passed on as they are.
struct JSONScanner {
    /// Arrays and objects within each other deeper than this are refused.
    static let maxDepth = 64

    private let text: UnsafeRawBufferPointer
    private var position = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    /// The next byte that is no white space, which is not consumed; nil at the end.
    mutating func peek() -> UInt8? {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return text[position]
            }
        }
        return nil
    }

    /// Consumes `byte`, if it is the next.
    mutating func accept(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(OpenIMFault) {
        guard accept(byte) else { throw unexpected() }
    }

    mutating func expectEnd() throws(OpenIMFault) {
        guard peek() == nil else { throw .malformed(what: "bytes behind the JSON value") }
    }

    /// A string's inside: as it stands in the text, or, with escapes, as they are undone in `scratch`, of which no more
    /// is used than the text is long.
    mutating func string(scratch: inout ByteWriter) throws(OpenIMFault) -> UnsafeRawBufferPointer {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return UnsafeRawBufferPointer(rebasing: text[start..<position - 1])
            case UInt8(ascii: "\\"): return try unescapedString(from: start, scratch: &scratch)
            case 0..<0x20: throw .malformed(what: "a control character in a JSON string")
            default: position += 1
            }
        }
        throw .truncated(what: "a JSON string")
    }

    private mutating func unescapedString(
        from start: Int, scratch: inout ByteWriter
    ) throws(OpenIMFault) -> UnsafeRawBufferPointer {
        let before = scratch.count
        scratch.write(UnsafeRawBufferPointer(rebasing: text[start..<position]))
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return UnsafeRawBufferPointer(rebasing: scratch.written[before...])
            case UInt8(ascii: "\\"): try unescape(to: &scratch)
            case 0..<0x20: throw .malformed(what: "a control character in a JSON string")
            default: scratch.write(byte)
            }
        }
        throw .truncated(what: "a JSON string")
    }

    private mutating func unescape(to scratch: inout ByteWriter) throws(OpenIMFault) {
        guard position < text.count else { throw .truncated(what: "a JSON string") }
        let escaped = text[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.write(escaped)
        case UInt8(ascii: "b"): scratch.write(0x08)
        case UInt8(ascii: "f"): scratch.write(0x0C)
        case UInt8(ascii: "n"): scratch.write(0x0A)
        case UInt8(ascii: "r"): scratch.write(0x0D)
        case UInt8(ascii: "t"): scratch.write(0x09)
        case UInt8(ascii: "u"): Self.write(try scalar(), to: &scratch)
        default: throw .malformed(what: "an unknown escape in a JSON string")
        }
    }

    /// Two halves of a surrogate pair make one scalar; a half alone is U+FFFD.
    private mutating func scalar() throws(OpenIMFault) -> UInt32 {
        let first = try hexadecimal()
        guard first & 0xF800 == 0xD800 else { return first }
        guard first < 0xDC00, position + 6 <= text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { return 0xFFFD }
        let before = position
        position += 2
        let second = try hexadecimal()
        guard second & 0xFC00 == 0xDC00 else {
            position = before
            return 0xFFFD
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func hexadecimal() throws(OpenIMFault) -> UInt32 {
        guard position + 4 <= text.count else { throw .truncated(what: "a JSON string") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HexText.value(text[position]) else {
                throw .malformed(what: "an unknown escape in a JSON string")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private static func write(_ scalar: UInt32, to scratch: inout ByteWriter) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        for byte in UTF8.encode(scalar)! { scratch.write(byte) }
    }

    /// A number without fraction or exponent; nil when it is another number.
    mutating func integer() throws(OpenIMFault) -> Int64? {
        _ = peek()
        let start = position
        try skipNumber()
        var isNegative = false
        var value: Int64 = 0
        for index in start..<position {
            let byte = text[index]
            if byte == UInt8(ascii: "-"), index == start {
                isNegative = true
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (sum, over2) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !over, !over2 else { return nil }
            value = sum
        }
        return value
    }

    /// Consumes `null`, if it is the next.
    mutating func acceptNull() throws(OpenIMFault) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try skipWord("null")
        return true
    }

    /// Passes over a value of any kind; `depth` is how many objects and arrays are around it.
    mutating func skipValue(depth: Int) throws(OpenIMFault) {
        guard depth < Self.maxDepth else { throw .tooDeep }
        switch peek() {
        case UInt8(ascii: "{"):
            position += 1
            if accept(UInt8(ascii: "}")) { return }
            repeat {
                try skipString()
                try expect(UInt8(ascii: ":"))
                try skipValue(depth: depth + 1)
            } while accept(UInt8(ascii: ","))
            try expect(UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            position += 1
            if accept(UInt8(ascii: "]")) { return }
            repeat { try skipValue(depth: depth + 1) } while accept(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"))
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipString() throws(OpenIMFault) {
        try expect(UInt8(ascii: "\""))
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"): try skipEscape()
            case 0..<0x20: throw .malformed(what: "a control character in a JSON string")
            default: break
            }
        }
        throw .truncated(what: "a JSON string")
    }

    private mutating func skipEscape() throws(OpenIMFault) {
        guard position < text.count else { throw .truncated(what: "a JSON string") }
        let escaped = text[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"): _ = try hexadecimal()
        default: throw .malformed(what: "an unknown escape in a JSON string")
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(OpenIMFault) {
        let length = word.utf8CodeUnitCount
        guard position + length <= text.count, text.part(position, length).holdsSameBytes(as: word) else {
            throw unexpected()
        }
        position += length
    }

    private mutating func skipNumber() throws(OpenIMFault) {
        if position < text.count, text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(OpenIMFault) {
        let start = position
        while position < text.count, text[position] >= UInt8(ascii: "0"), text[position] <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw unexpected() }
    }

    private func unexpected() -> OpenIMFault {
        position < text.count ? .malformed(what: "no JSON at byte \(position)") : .truncated(what: "a JSON value")
    }
}
