import WebSocketWire

/// The example handshake of RFC 6455 §1.2–1.3, and responses made from it.
enum HandshakeSamples {
    /// "the sample nonce".
    static let key = HandshakeKey(random: (0x7468_6520_7361_6D70, 0x6C65_206E_6F6E_6365))
    static let offer = HandshakeOffer(subprotocols: ["chat", "superchat"])

    static let upgrade = "Upgrade: websocket"
    static let connection = "Connection: Upgrade"
    static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    static func text(of key: HandshakeKey) -> String {
        String(unsafeUninitializedCapacity: HandshakeKey.encodedBytes) {
            key.write(to: $0.baseAddress!)
            return HandshakeKey.encodedBytes
        }
    }

    static func accept(of key: HandshakeKey) -> String {
        String(unsafeUninitializedCapacity: HandshakeKey.acceptBytes) {
            key.writeAccept(to: $0.baseAddress!)
            return HandshakeKey.acceptBytes
        }
    }

    static func head(_ lines: [String], status: String = "HTTP/1.1 101 Switching Protocols") -> [UInt8] {
        Array((([status] + lines).joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Parses from a heap block of exactly the input's size.
    static func parse(_ bytes: some Collection<UInt8>, offer: HandshakeOffer = offer) -> UpgradeResponse.Result {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { block.deallocate() }
        block.copyBytes(from: bytes)
        return UpgradeResponse.parse(UnsafeRawBufferPointer(block), key: key, offer: offer)
    }
}
