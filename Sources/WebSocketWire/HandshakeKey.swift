/// The nonce of one opening handshake: 16 bytes, sent in base64 as `Sec-WebSocket-Key` (RFC 6455 §4.1).
package struct HandshakeKey: BitwiseCopyable, Equatable, Sendable {
    /// Length of the key in base64, bytes.
    package static let encodedBytes = 24
    /// Length of the `Sec-WebSocket-Accept` value that answers a key, bytes.
    package static let acceptBytes = 28

    private static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    private let high: UInt64
    private let low: UInt64

    /// - Parameter random: The nonce, most significant byte first.
    package init(random: (UInt64, UInt64)) {
        (high, low) = random
    }

    /// Writes the base64 text of the key.
    ///
    /// - Parameter destination: Room for ``encodedBytes`` bytes.
    package func write(to destination: UnsafeMutableRawPointer) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Base64.encode($0, to: destination) }
    }

    /// Writes the `Sec-WebSocket-Accept` value that a server must answer (§4.2.2, step 5.4).
    ///
    /// - Parameter destination: Room for ``acceptBytes`` bytes.
    package func writeAccept(to destination: UnsafeMutableRawPointer) {
        let guidBytes = Self.guid.utf8CodeUnitCount
        withUnsafeTemporaryAllocation(byteCount: Self.encodedBytes + guidBytes + SHA1.digestBytes, alignment: 8) {
            scratch in
            guard let base = scratch.baseAddress else { return }
            let hashedBytes = Self.encodedBytes + guidBytes
            write(to: base)
            (base + Self.encodedBytes).copyMemory(from: Self.guid.utf8Start, byteCount: guidBytes)
            SHA1.digest(UnsafeRawBufferPointer(rebasing: scratch[..<hashedBytes]), to: base + hashedBytes)
            Base64.encode(UnsafeRawBufferPointer(rebasing: scratch[hashedBytes...]), to: destination)
        }
    }

    /// Whether `value` is the `Sec-WebSocket-Accept` value for this key.
    package func accepts(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count == Self.acceptBytes else { return false }
        return withUnsafeTemporaryAllocation(byteCount: Self.acceptBytes, alignment: 8) { expected in
            guard let base = expected.baseAddress else { return false }
            writeAccept(to: base)
            return UnsafeRawBufferPointer(expected).elementsEqual(value)
        }
    }
}
