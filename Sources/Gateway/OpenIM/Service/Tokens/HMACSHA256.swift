internal import COpenSSL

/// Message authentication codes of 32 bytes (RFC 2104, FIPS 180-4).
struct HMACSHA256: Sendable {
    static let byteCount = 32
    private let key: [UInt8]

    init(key: [UInt8]) {
        self.key = key
    }

    func code(for message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Self.byteCount)
        var length: UInt32 = 0
        let isMade = HMAC(EVP_sha256(), key, CInt(key.count), message, message.count, &code, &length) != nil
        precondition(isMade && length == UInt32(Self.byteCount), "HMAC-SHA256 needs memory only")
        return code
    }

    /// Takes the same time for any two codes of a length.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
