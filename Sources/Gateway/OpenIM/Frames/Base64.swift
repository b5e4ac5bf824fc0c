internal import NIOCore

/// Base64 with padding (RFC 4648 §4), as Go's `base64.StdEncoding` reads and writes it.
enum Base64 {
    private static let digits: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// The value of each digit; 255: none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()
    private static let pad = UInt8(ascii: "=")

    static func write(_ bytes: ByteBuffer, to buffer: inout ByteBuffer) {
        var group: UInt32 = 0
        var count = 0
        for byte in bytes.readableBytesView {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] { buffer.writeInteger(digits[Int(group >> UInt32(shift) & 63)]) }
                (group, count) = (0, 0)
            }
        }
        guard count > 0 else { return }
        group <<= UInt32(8 * (3 - count))
        buffer.writeInteger(digits[Int(group >> 18 & 63)])
        buffer.writeInteger(digits[Int(group >> 12 & 63)])
        buffer.writeInteger(count == 2 ? digits[Int(group >> 6 & 63)] : pad)
        buffer.writeInteger(pad)
    }

    /// nil: no base64, or padding that is missing or too much. Line breaks are passed over.
    static func read(_ text: ByteBuffer) -> ByteBuffer? {
        var bytes = ByteBuffer()
        var group: UInt32 = 0
        var count = 0
        var pads = 0
        for character in text.readableBytesView where character != 0x0a && character != 0x0d {
            if character == pad {
                pads += 1
                // "x===" and "====" are nothing.
                guard count + pads == 4 || (count == 2 && pads == 1) else { return nil }
                continue
            }
            let value = values[Int(character)]
            guard pads == 0, value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            count += 1
            if count == 4 {
                bytes.writeMultipleIntegers(
                    UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255))
                (group, count) = (0, 0)
            }
        }
        switch (count, pads) {
        case (0, 0): return bytes
        case (2, 2): bytes.writeInteger(UInt8(group >> 4 & 255))
        case (3, 1): bytes.writeMultipleIntegers(UInt8(group >> 10 & 255), UInt8(group >> 2 & 255))
        default: return nil
        }
        return bytes
    }
}
