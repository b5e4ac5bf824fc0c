internal import NIOCore

/// What the tasks of one connection are at, and its write lock; guarded by the hub's monitor.
///
/// A connection has at most two tasks, one after the other: the handshake, which puts the session into the register
/// queue, and the reader, which begins when that has succeeded and closes the connection at its end.
final class ConnectionTasks: Sendable {
    /// What the session has in the hub; nil once it is deregistered.
    nonisolated(unsafe) var client: HubClient?
    nonisolated(unsafe) var lock = WriteLock()
    /// The reader has begun.
    nonisolated(unsafe) var isReading = false
    /// The peer is gone; the reader finds out as soon as it reads.
    nonisolated(unsafe) var hasEnded = false
    /// A write waits for the peer to read.
    nonisolated(unsafe) var isWriting = false

    init(_ client: HubClient) {
        self.client = client
    }
}

/// Held while a connection is written to or closed, by one task or thread; the others stand in line.
struct WriteLock {
    enum Holder {
        /// Closes the connection.
        case reader
        /// Of a message that the peer does not read: a push, or the reader's answer to a request.
        case writer
        case thread(HubThread)

        func isThread(_ thread: HubThread) -> Bool {
            if case .thread(let holder) = self { holder === thread } else { false }
        }

        var isWriter: Bool {
            if case .writer = self { true } else { false }
        }
    }

    private(set) var holder: Holder?
    private var line = CircularBuffer<(Holder, since: MonotonicTime)>()

    var waitingCount: Int { line.count }

    /// When the reader began to wait for the lock; nil: it does not.
    var readerWaitsSince: MonotonicTime? {
        line.first { if case .reader = $0.0 { true } else { false } }?.since
    }

    /// Since when the holder has it.
    private(set) var heldSince = MonotonicTime.now

    /// - Returns: whether the lock was free; if not, it will be `holder`'s in its turn.
    mutating func acquire(for holder: Holder) -> Bool {
        guard self.holder == nil else {
            line.append((holder, .now))
            return false
        }
        self.holder = holder
        heldSince = .now
        return true
    }

    /// - Returns: who holds the lock now.
    mutating func release() -> Holder? {
        holder = line.popFirst()?.0
        heldSince = .now
        return holder
    }

    /// The thread waits no more.
    mutating func leaveLine(_ thread: HubThread) {
        line.removeAll { $0.0.isThread(thread) }
    }

    /// The write is over before its turn came.
    mutating func writerLeavesLine() {
        line.removeAll(where: \.0.isWriter)
    }
}
