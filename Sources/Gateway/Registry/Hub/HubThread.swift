internal import NIOCore

/// One thread of the hub and what it is at; guarded by the hub's monitor.
final class HubThread: Sendable {
    /// Where its work comes from.
    enum Source: Sendable {
        case queues([HubQueues.Kind])
        /// Ends kicked connections.
        case kicks
    }

    enum Doing {
        case nothing
        case registering(Session)
        case unregistering(Session)
        case checking(account: String)
        case kicking(Session, for: KickCause)
    }

    enum Wait {
        case unregisterQueue
        case lock(of: Session)
        /// The answer of another gateway.
        case call(PeerCalls.Peer)
    }

    /// At most 15 bytes.
    let name: String
    let source: Source
    /// As /proc/PID/task names it; 0 until it runs.
    nonisolated(unsafe) var threadID = 0
    nonisolated(unsafe) var doing = Doing.nothing
    nonisolated(unsafe) var wait: (for: Wait, since: MonotonicTime)?
    nonisolated(unsafe) var isIdle = false
    /// Its put has got a place.
    nonisolated(unsafe) var hasPlace = false

    init(_ name: String, _ source: Source) {
        self.name = name
        self.source = source
    }
}

/// Kicks that the hub has handed over to the kicker.
typealias HubKicks = CircularBuffer<(login: HubLogin, cause: KickCause)>
