/// One connection or watched descriptor.
struct ConnectionSlot: BitwiseCopyable {
    enum State: UInt8 {
        case free
        /// TCP handshake under way.
        case connecting
        /// TLS handshake under way.
        case securing
        case open
        /// A foreign descriptor, see `EventLoop.watch`.
        case watched
    }

    /// What the kernel has said (and the loop itself), not yet acted upon.
    struct Ready: OptionSet {
        let rawValue: UInt8
        /// Bytes may be waiting: a receive has not shown yet that there are none.
        static let readable = Ready(rawValue: 1 << 0)
        static let writable = Ready(rawValue: 1 << 1)
        /// The peer's FIN is in the receive queue, behind all bytes.
        static let finished = Ready(rawValue: 1 << 2)
        /// EPOLLERR or EPOLLHUP.
        static let broken = Ready(rawValue: 1 << 3)
        /// The TLS handshake is to begin.
        static let startTLS = Ready(rawValue: 1 << 4)
        /// Plain text is in the receive buffer that came together with the end of the TLS handshake.
        static let decrypted = Ready(rawValue: 1 << 5)

        static let input: Ready = [.readable, .finished, .broken]
    }

    struct Flags: OptionSet {
        let rawValue: UInt16
        static let paused = Flags(rawValue: 1 << 0)
        /// `finished` has been reported.
        static let peerFinished = Flags(rawValue: 1 << 1)
        /// Shut down for sending as soon as the output queue is empty, or already done.
        static let sendingFinished = Flags(rawValue: 1 << 2)
        /// TCP_NODELAY is set.
        static let noDelay = Flags(rawValue: 1 << 3)
        /// Something was sent since the last receive.
        static let unanswered = Flags(rawValue: 1 << 4)
        /// `sent` is owed for the output queue.
        static let owesSent = Flags(rawValue: 1 << 5)
        /// The peer has sent urgent data, at which the kernel ends a receive early (tcp(7)).
        static let urgent = Flags(rawValue: 1 << 6)
        /// The peer's close_notify has come.
        static let closeNotified = Flags(rawValue: 1 << 7)
        /// Never received from again; only the connection's end is of interest.
        static let abandoned = Flags(rawValue: 1 << 8)
    }

    /// The `SSL *` of a secured connection.
    var tls: OpaquePointer?
    var output: UnsafeMutablePointer<OutputQueue>?
    var descriptor: Int32
    /// Never 0 while in use.
    var generation: UInt32
    var owner: UInt32
    /// In the list the slot is linked into (ready or free); 0 in none.
    var next: UInt32
    var previous: UInt32
    /// Reported once everything that arrived before it has been delivered.
    var deferredFailure: NetworkFailure?
    var state: State
    var ready: Ready
    /// Sends so far, as far as TCP_NODELAY cares.
    var sends: UInt8
    var flags: Flags
    var deferredErrno: Int32
}
