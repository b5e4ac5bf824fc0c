internal import NIOCore

/// An upgraded connection, as its loop keeps it.
protocol ServedConnection: AnyObject {
    /// Owned by `LoopState`.
    var indexInLoop: Int { get set }

    /// The gateway shuts down.
    func goAway()

    /// Ends the connection without a closing handshake.
    func cut()
}
