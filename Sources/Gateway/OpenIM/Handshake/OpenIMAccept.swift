internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The answer to a client's key (RFC 6455 §4.2.2).
enum OpenIMAccept {
    /// nil: none, several, or empty.
    static func key(of head: HTTPRequestHead) -> String? {
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, !keys[0].isEmpty else { return nil }
        return keys[0]
    }

    /// The header fields of the 101, in gorilla's order.
    static func headers(for head: HTTPRequestHead, on channel: any Channel) -> EventLoopFuture<HTTPHeaders> {
        // NIO's upgrader is asked for its hash alone, and asks for nothing but these fields.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        var asked = head
        asked.headers = ["Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key(of: head) ?? ""]
        return upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: asked, initialResponseHeaders: [:])
            .map { made in
                [
                    "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": made.first(name: "Sec-WebSocket-Accept") ?? "",
                ]
            }
    }
}
