/// Base64 with padding, standard alphabet, no line breaks (RFC 4648 §4), to and from memory that exists.
enum Base64Text {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let padding = UInt8(ascii: "=")

    static func count(_ bytes: UnsafeRawBufferPointer) -> Int { (bytes.count + 2) / 3 * 4 }

    static func write(_ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        let digits = alphabet.utf8Start
        var text = writer.skip(count(bytes))
        var index = 0
        while index + 3 <= bytes.count {
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            text.storeBytes(of: digits[group >> 18], as: UInt8.self)
            text.storeBytes(of: digits[group >> 12 & 63], toByteOffset: 1, as: UInt8.self)
            text.storeBytes(of: digits[group >> 6 & 63], toByteOffset: 2, as: UInt8.self)
            text.storeBytes(of: digits[group & 63], toByteOffset: 3, as: UInt8.self)
            text += 4
            index += 3
        }
        guard index < bytes.count else { return }
        let hasTwo = index + 1 < bytes.count
        let group = Int(bytes[index]) << 16 | (hasTwo ? Int(bytes[index + 1]) << 8 : 0)
        text.storeBytes(of: digits[group >> 18], as: UInt8.self)
        text.storeBytes(of: digits[group >> 12 & 63], toByteOffset: 1, as: UInt8.self)
        text.storeBytes(of: hasTwo ? digits[group >> 6 & 63] : padding, toByteOffset: 2, as: UInt8.self)
        text.storeBytes(of: padding, toByteOffset: 3, as: UInt8.self)
    }

    /// Writes three quarters of the text's length at most, and says how much; nil when it is no base64. Unused bits
    /// may be set, as Go allows.
    static func decode(_ text: UnsafeRawBufferPointer, to out: UnsafeMutableRawPointer) -> Int? {
        guard text.count % 4 == 0 else { return nil }
        guard let last = text.last else { return 0 }
        let padded = last != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let digits = text.count - padded
        var written = 0
        var index = 0
        while index + 4 <= digits {
            let group =
                value(text[index]) << 18 | value(text[index + 1]) << 12 | value(text[index + 2]) << 6
                | value(text[index + 3])
            guard group >= 0 else { return nil }
            out.storeBytes(of: UInt8(truncatingIfNeeded: group >> 16), toByteOffset: written, as: UInt8.self)
            out.storeBytes(of: UInt8(truncatingIfNeeded: group >> 8), toByteOffset: written + 1, as: UInt8.self)
            out.storeBytes(of: UInt8(truncatingIfNeeded: group), toByteOffset: written + 2, as: UInt8.self)
            written += 3
            index += 4
        }
        guard padded > 0 else { return written }
        let group =
            value(text[index]) << 18 | value(text[index + 1]) << 12 | (padded == 1 ? value(text[index + 2]) << 6 : 0)
        guard group >= 0 else { return nil }
        out.storeBytes(of: UInt8(truncatingIfNeeded: group >> 16), toByteOffset: written, as: UInt8.self)
        written += 1
        if padded == 1 {
            out.storeBytes(of: UInt8(truncatingIfNeeded: group >> 8), toByteOffset: written, as: UInt8.self)
            written += 1
        }
        return written
    }

    /// Negative, however it is shifted, for bytes outside the alphabet.
    @inline(__always)
    private static func value(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: -1
        }
    }
}
