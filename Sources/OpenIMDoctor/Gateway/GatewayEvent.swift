internal import Dialects

/// A frame of the server, copied.
struct ServerFrame: Equatable {
    var identifier: Int32
    var msgIncr: String
    var errorCode: Int64
    var errorMessage: String
    var data: [UInt8]
}

/// What an open connection brings.
enum GatewayEvent: Equatable {
    case frame(ServerFrame)
    case pong
    case text(String)
    /// The connection is over, and how. Nothing follows.
    case ended(String)
}

/// How an opening handshake went.
enum Opening: Equatable {
    case accepted
    /// HTTP 200 with OpenIM's JSON in place of a 101.
    case refused(OpenIMReply)
    /// Another HTTP answer; `body` is how it begins, printable.
    case rejected(status: Int, body: String)
    /// An answer that is none of HTTP, or no good 101.
    case invalid(String)
    /// No TCP connection, or no TLS.
    case unreachable(String)
    /// The time was over while this was waited for.
    case timedOut(Stage)
    /// The connection ended before the answer was complete.
    case ended(String)

    /// What comes first, and next.
    enum Stage: Equatable {
        case tcp
        case tls
        case answer
    }
}
