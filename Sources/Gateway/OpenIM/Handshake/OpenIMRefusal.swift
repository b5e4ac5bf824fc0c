internal import NIOCore

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
