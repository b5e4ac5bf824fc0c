internal import NIOHTTP1

/// A request that no WebSocket connection can be made of, as gorilla/websocket judges and answers it.
struct OpenIMUpgradeFault: Equatable {
    var status: HTTPResponseStatus
    /// Goes into the body in 3.5.1.
    var reason: String

    init(_ status: HTTPResponseStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// nil: the request is good.
    static func find(in head: HTTPRequestHead, _ version: OpenIMVersion) -> OpenIMUpgradeFault? {
        let notWebSocket = "websocket: the client is not using the websocket protocol:"
        guard head.headers.hasToken("upgrade", in: "connection") else {
            return Self(.badRequest, "\(notWebSocket) 'upgrade' token not found in 'Connection' header")
        }
        guard head.headers.hasToken("websocket", in: "upgrade") else {
            return Self(.badRequest, "\(notWebSocket) 'websocket' token not found in 'Upgrade' header")
        }
        guard head.method == .GET else {
            return Self(.methodNotAllowed, "\(notWebSocket) request method is not GET")
        }
        guard head.headers.hasToken("13", in: "sec-websocket-version") else {
            return Self(
                .badRequest, "websocket: unsupported version: 13 not found in 'Sec-Websocket-Version' header")
        }
        guard OpenIMAccept.key(of: head, version) != nil else {
            return Self(
                .badRequest, "websocket: not a websocket handshake: 'Sec-WebSocket-Key' header is missing or bad")
        }
        return nil
    }
}

extension HTTPRequestHead {
    /// Whether bytes of another protocol may follow it.
    var asksForUpgrade: Bool { headers.hasToken("upgrade", in: "connection") && headers.contains(name: "upgrade") }
}

extension HTTPHeaders {
    fileprivate func hasToken(_ token: String, in name: String) -> Bool {
        self[canonicalForm: name].contains { $0.lowercased() == token }
    }
}
