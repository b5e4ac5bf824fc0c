internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The answer to a client's key (RFC 6455 §4.2.2).
enum OpenIMAccept {
    /// nil: none, several, or a bad one. To 3.5.1's library (gorilla/websocket 1.5.0) only an empty one is bad, to 3.8.3's
    /// (1.5.1) all that is not 16 bytes in Base64.
    static func key(of head: HTTPRequestHead, _ version: OpenIMVersion) -> String? {
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, !keys[0].isEmpty else { return nil }
        guard version == .v3_5_1 || Base64.read(ByteBuffer(string: keys[0]))?.readableBytes == 16 else { return nil }
        return keys[0]
    }

    /// The header fields of the 101, in gorilla's order.
    static func headers(
        for head: HTTPRequestHead, _ version: OpenIMVersion, on channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders> {
        // NIO's upgrader is asked for its hash alone, and asks for nothing but these fields.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        var asked = head
        asked.headers = ["Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key(of: head, version) ?? ""]
        return upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: asked, initialResponseHeaders: [:])
            .map { made in
                [
                    "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": made.first(name: "Sec-WebSocket-Accept") ?? "",
                ]
            }
    }
}
