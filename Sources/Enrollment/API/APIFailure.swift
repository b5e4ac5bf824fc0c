/// Why a call of OpenIM's REST API did not bring what was asked for. Holds no secret and no token.
package enum APIFailure: Error, Equatable, Sendable {
    /// The address cannot be asked at all.
    case badAddress(what: String)
    /// No TCP connection.
    case unreachable(what: String)
    case secureConnection(what: String)
    /// No complete answer within this time.
    case timeout(seconds: Double)
    /// The connection ended before the answer was complete.
    case cutShort
    /// An answer without OpenIM's envelope; `excerpt` is how it begins, printable.
    case notJSON(status: Int, excerpt: String)
    /// The envelope says that all went well, but `data` is not what belongs there.
    case unexpected(what: String)
    /// The envelope's `errCode`, `errMsg` and `errDlt`.
    case refused(code: Int, message: String, detail: String)
    case cancelled
}

extension APIFailure {
    /// Whether the same call may succeed a moment later: the network, a server in trouble, a backend service that is away
    /// (gRPC codes 13 INTERNAL and 14 UNAVAILABLE, ServerInternalError 500).
    var mayPass: Bool {
        switch self {
        case .unreachable, .timeout, .cutShort: true
        case .notJSON(let status, _): status >= 500 || status == 429
        case .refused(let code, _, _): code == 13 || code == 14 || code == 500
        case .badAddress, .secureConnection, .unexpected, .cancelled: false
        }
    }

    /// ArgsError; also what a call without the token that it needs is answered with.
    static let badArguments = 1001

    /// Codes with which a gateway, not the API, answers whatever it is asked.
    static func isOfAGateway(_ code: Int) -> Bool { (1601...1602).contains(code) }

    /// The router has no such path: what an API of another version, or something that is none, says.
    package var isNotFound: Bool {
        if case .notJSON(status: 404, _) = self { true } else { false }
    }
}

extension APIFailure: CustomStringConvertible {
    /// What happened, in plain words, without a full stop.
    package var description: String {
        switch self {
        case .badAddress(let what): what
        case .unreachable(let what): "no connection: \(what)"
        case .secureConnection(let what): "no secure connection: \(what)"
        case .timeout(let seconds): "no complete answer within \(Self.text(seconds)) s"
        case .cutShort: "the connection was closed before the answer was complete"
        case .notJSON(let status, let excerpt):
            excerpt.isEmpty
                ? "the answer is HTTP \(status) without a body, not OpenIM's JSON"
                : "the answer is HTTP \(status) and not OpenIM's JSON; it begins: \(excerpt)"
        case .unexpected(let what): what
        case .refused(let code, let message, let detail):
            "errCode \(code) \(message)" + (detail.isEmpty || detail == message ? "" : " (\(detail))")
        case .cancelled: "given up"
        }
    }

    private static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }
}
