internal import NIOHTTP1

/// Whether a request may become a WebSocket connection (RFC 6455 §4.2.1).
enum UpgradeRequest {
    enum Decision: Equatable {
        /// nil: the request names no account.
        case accept(account: String?)
        case refuse(Refusal)
    }

    /// What is answered instead of 101.
    struct Refusal: Equatable {
        var status: HTTPResponseStatus
        var hint: String
    }

    static func decide(_ head: HTTPRequestHead, isDraining: Bool) -> Decision {
        let headers = head.headers
        guard head.method == .GET, head.version.major == 1, head.version.minor >= 1,
            headers.lists("websocket", in: "upgrade"),
            headers.lists("upgrade", in: "connection")
        else {
            return .refuse(Refusal(status: .upgradeRequired, hint: "this is a WebSocket endpoint"))
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            return .refuse(Refusal(status: .upgradeRequired, hint: "Sec-WebSocket-Version must be 13"))
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, isKey(keys[0]) else {
            return badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
        }
        guard headers["host"].count == 1 else {
            return badRequest("Host is missing or given twice")
        }
        guard !isDraining else {
            return .refuse(Refusal(status: .serviceUnavailable, hint: "the gateway shuts down"))
        }
        switch AccountQuery(target: head.uri) {
        case .absent: return .accept(account: nil)
        case .account(let account): return .accept(account: account)
        case .malformed: return badRequest("account must be 1 to \(AccountQuery.maxBytes) bytes, percent-encoded UTF-8")
        }
    }

    private static func badRequest(_ hint: String) -> Decision {
        .refuse(Refusal(status: .badRequest, hint: hint))
    }

    /// 16 bytes in base64 (RFC 4648 §4): 22 digits and `==`.
    private static func isKey(_ text: String) -> Bool {
        let digits = Array(text.utf8)
        guard digits.count == 24, digits.suffix(2).allSatisfy({ $0 == UInt8(ascii: "=") }) else { return false }
        return digits.prefix(22).allSatisfy(isBase64Digit)
    }

    private static func isBase64Digit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

extension HTTPHeaders {
    /// Whether a comma-separated list header has this token, in any case.
    fileprivate func lists(_ token: String, in name: String) -> Bool {
        self[canonicalForm: name].contains { $0.lowercased() == token }
    }
}
