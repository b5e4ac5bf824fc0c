/// The inside of a JSON string, escaped as Go's encoding/json does: also `<`, `>`, `&` and the two line separators
/// U+2028 and U+2029; what is not UTF-8 becomes U+FFFD, byte by byte.
enum JSONText {
    /// No byte becomes more than `\u00XX`.
    static func maxBytes(_ text: UnsafeRawBufferPointer) -> Int { text.count * 6 }

    static func write(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        var start = 0
        var index = 0
        while true {
            index = plainEnd(text, from: index)
            guard index < text.count else { break }
            let byte = text[index]
            if byte < 0x80 {
                writer.write(UnsafeRawBufferPointer(rebasing: text[start..<index]))
                writeEscape(byte, to: &writer)
                index += 1
                start = index
                continue
            }
            let length = sequenceLength(text, at: index)
            if length == 0 {
                writer.write(UnsafeRawBufferPointer(rebasing: text[start..<index]))
                writer.write(#"\ufffd"#)
                index += 1
                start = index
            } else if length == 3, byte == 0xE2, text[index + 1] == 0x80, text[index + 2] & 0xFE == 0xA8 {
                writer.write(UnsafeRawBufferPointer(rebasing: text[start..<index]))
                writer.write(text[index + 2] == 0xA8 ? #"\u2028"# : #"\u2029"#)
                index += 3
                start = index
            } else {
                index += length
            }
        }
        writer.write(UnsafeRawBufferPointer(rebasing: text[start..<text.count]))
    }

    /// How many bytes ``write(_:to:)`` makes of it.
    static func count(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var index = 0
        while true {
            let plainStart = index
            index = plainEnd(text, from: index)
            count += index - plainStart
            guard index < text.count else { break }
            let byte = text[index]
            if byte < 0x80 {
                count += shortEscape(byte) == nil ? 6 : 2
                index += 1
                continue
            }
            let length = sequenceLength(text, at: index)
            let isSeparator =
                length == 3 && byte == 0xE2 && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8
            count += length == 0 || isSeparator ? 6 : length
            index += max(length, 1)
        }
        return count
    }

    /// Where the run of ASCII that needs no escape ends, which is nearly always where the text does; eight bytes at a time.
    private static func plainEnd(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte's high bit is set where it is below 0x20, above 0x7F, or one of the five; of a byte above such a
            // one it may be too, which only sends it through the slow loop (Warren, Hacker's Delight, §6-1). `"` and `&`
            // are the same but for one bit, and so are `<` and `>`.
            let low = (word &- eight(0x20)) & ~word
            let found =
                word | low | zeroBytes((word | eight(0x04)) ^ eight(UInt8(ascii: "&")))
                | zeroBytes((word | eight(0x02)) ^ eight(UInt8(ascii: ">")))
                | zeroBytes(word ^ eight(UInt8(ascii: "\\")))
            guard found & eight(0x80) == 0 else { break }
            index += 8
        }
        while index < text.count, text[index] < 0x80, !isEscaped(text[index]) { index += 1 }
        return index
    }

    private static func eight(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- eight(1)) & ~word }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"):
            true
        default: false
        }
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    private static func writeEscape(_ byte: UInt8, to writer: inout ByteWriter) {
        writer.write(UInt8(ascii: "\\"))
        if let short = shortEscape(byte) {
            writer.write(short)
            return
        }
        writer.write("u00")
        writer.write(HexText.digit(byte >> 4))
        writer.write(HexText.digit(byte & 15))
    }

    /// The length of the UTF-8 sequence that begins here (Unicode 15, table 3-7), 0 when there is none.
    private static func sequenceLength(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
        let first = text[index]
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0x80...0xBF)
            }
        guard length > 0, text.count - index >= length, second.contains(text[index + 1]) else { return 0 }
        for offset in 2..<max(length, 2) where text[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
