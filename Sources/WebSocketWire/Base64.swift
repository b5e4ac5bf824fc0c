/// Base64 with padding (RFC 4648 §4).
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let padding = UInt8(ascii: "=")

    static func encodedBytes(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes the encoding of `bytes` to `destination`, which has room for ``encodedBytes(_:)``.
    static func encode(_ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) {
        let digits = alphabet.utf8Start
        var output = destination.assumingMemoryBound(to: UInt8.self)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            output[0] = digits[Int(group >> 18)]
            output[1] = digits[Int(group >> 12 & 63)]
            output[2] = left > 1 ? digits[Int(group >> 6 & 63)] : padding
            output[3] = left > 2 ? digits[Int(group & 63)] : padding
            output += 4
            index += 3
        }
    }
}
