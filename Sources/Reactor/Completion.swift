/// What has become of something submitted to an `EventLoop`.
package struct Completion: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// The TCP connection is established; without TLS it can send from now on.
        case connected
        /// The TLS handshake is done; the connection can send from now on.
        case secured
        /// Bytes arrived: `EventLoop.received`, plain text under TLS.
        case received
        /// Everything that `send` had to queue is in the kernel.
        case sent
        /// The peer sends no more (FIN, or close_notify). Sending may still work; the connection stays until it is closed.
        case finished
        /// The connection is gone and its descriptor closed: `failure` and `errno` say why. Nothing follows.
        case failed
        /// A watched descriptor is readable, or at its end.
        case readable
    }

    package let connection: ConnectionID
    /// As given to `connect` or `watch`.
    package let owner: UInt32
    package let kind: Kind
    /// `finished` under TLS: the peer ended TCP without a close_notify, so the end of the stream is not authenticated
    /// (RFC 8446 §6.1).
    package let truncated: Bool
    /// Meaningful for `failed` alone, `other` elsewhere.
    package let failure: NetworkFailure
    /// The system's error number behind `failure`; 0 if it has none.
    package let errno: Int32

    init(
        _ kind: Kind, _ connection: ConnectionID, owner: UInt32, truncated: Bool = false,
        failure: NetworkFailure = .other, errno: Int32 = 0
    ) {
        self.connection = connection
        self.owner = owner
        self.kind = kind
        self.truncated = truncated
        self.failure = failure
        self.errno = errno
    }
}

/// The immediate answer to `EventLoop.connect`.
package enum ConnectResult: Equatable, Sendable {
    /// Under way: `connected` or `failed` follows.
    case pending(ConnectionID)
    /// Failed at once; nothing is left open and nothing follows.
    case failed(NetworkFailure, errno: Int32)
}

/// The immediate answer to `EventLoop.send`.
package enum SendResult: Equatable, Sendable {
    /// All bytes are in the kernel.
    case sent
    /// The kernel did not take all: the rest is copied and goes out by itself. `sent` or `failed` follows.
    case queued
    /// Not sent. `notConnected`: the connection is gone, not yet established, or finished sending.
    /// Any other failure: the connection is closed and nothing follows.
    case failed(NetworkFailure)
}
