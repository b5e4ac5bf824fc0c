/// The first line of a response: `HTTP/1.1 101 Switching Protocols` (RFC 9112 §4).
struct HTTPStatusLine {
    /// What every response begins with, as far as the version is known.
    static let prefix: StaticString = "HTTP/1."

    /// The digit behind `HTTP/1.`.
    let minorVersion: Int
    /// 100…599.
    let status: Int
    let reason: UnsafeRawBufferPointer

    /// Nil unless `line` is a status line.
    ///
    /// The reason, and with it the space before it, may be missing, as from some servers.
    init?(_ line: UnsafeRawBufferPointer) {
        let versionAt = Self.prefix.utf8CodeUnitCount
        let statusAt = versionAt + 2
        let reasonAt = statusAt + 4
        guard line.count >= statusAt + 3 else { return nil }
        for index in 0..<versionAt where line[index] != Self.prefix.utf8Start[index] { return nil }
        guard let minorVersion = Self.digit(line[versionAt]), line[versionAt + 1] == UInt8(ascii: " ") else {
            return nil
        }
        guard let hundreds = Self.digit(line[statusAt]), (1...5).contains(hundreds) else { return nil }
        guard let tens = Self.digit(line[statusAt + 1]), let ones = Self.digit(line[statusAt + 2]) else { return nil }
        if line.count >= reasonAt, line[reasonAt - 1] != UInt8(ascii: " ") { return nil }
        self.minorVersion = minorVersion
        status = hundreds * 100 + tens * 10 + ones
        reason = UnsafeRawBufferPointer(rebasing: line[min(reasonAt, line.count)...])
    }

    private static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}
