internal import NIOCore
internal import NIOHTTP1

/// Why a handshake fails, as OpenIM's gateway words it: an HTTP answer with status 200 and JSON.
struct OpenIMRefusal: Equatable {
    var code: Int32
    /// A stable short name.
    var message: String
    /// Free text.
    var detail: String

    static let none = OpenIMRefusal(code: 0, message: "", detail: "")

    static func tooManyConnections(_ version: OpenIMVersion) -> OpenIMRefusal {
        make(1601, "ConnOverMaxNumLimit", version)
    }

    static func badArguments(_ version: OpenIMVersion) -> OpenIMRefusal {
        make(1602, "args err, need token, sendID, platformID", version)
    }

    /// The token is another user's, or of another platform.
    static func tokenOfSomeoneElse(_ what: String, _ version: OpenIMVersion) -> OpenIMRefusal {
        var refusal = make(1502, "TokenInvalidError", version)
        if version == .v3_5_1 { refusal.detail = "\(what): \(refusal.detail)" }
        return refusal
    }

    /// 3.5.1 looks tokens up itself, 3.8.3 asks a service, and passes on gRPC's code for one that does not answer.
    static func tokenServiceUnreachable(_ version: OpenIMVersion) -> OpenIMRefusal {
        let text = "the service that knows the tokens does not answer"
        switch version {
        case .v3_5_1: return OpenIMRefusal(code: 500, message: text, detail: "")
        case .v3_8_3: return OpenIMRefusal(code: 14, message: text, detail: text)
        }
    }

    /// 3.5.1 repeats code and name in the detail, 3.8.3 leaves it empty.
    private static func make(_ code: Int32, _ message: String, _ version: OpenIMVersion) -> OpenIMRefusal {
        OpenIMRefusal(code: code, message: message, detail: version == .v3_5_1 ? "\(code) \(message)" : "")
    }

    var json: ByteBuffer {
        var text = ByteBuffer()
        text.writeString("{\"errCode\":\(code),\"errMsg\":")
        text.writeGoJSON(message.utf8)
        text.writeStaticString(",\"errDlt\":")
        text.writeGoJSON(detail.utf8)
        text.writeStaticString("}")
        return text
    }
}

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
    static func find(in head: HTTPRequestHead) -> OpenIMUpgradeFault? {
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
        guard OpenIMAccept.key(of: head) != nil else {
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
