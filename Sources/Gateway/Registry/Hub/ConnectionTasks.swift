internal import NIOCore

/// What the tasks of one connection are at, and its write lock; guarded by the hub's monitor.
///
/// A connection has at most two tasks, one after the other: the handshake, which puts the session into the register
/// queue, and the reader, which begins when that has succeeded and closes the connection at its end.
final class ConnectionTasks: Sendable {
    nonisolated(unsafe) var lock = WriteLock()
    /// The reader has begun.
    nonisolated(unsafe) var isReading = false
    /// The peer is gone; the reader finds out as soon as it reads.
    nonisolated(unsafe) var hasEnded = false
}

/// Held while a connection is written to or closed, by one task or thread; the others stand in line.
struct WriteLock {
    enum Holder {
        case reader
        case thread(HubThread)

        func isThread(_ thread: HubThread) -> Bool {
            if case .thread(let holder) = self { holder === thread } else { false }
        }
    }

    private(set) var holder: Holder?
    private var line = CircularBuffer<(Holder, since: MonotonicTime)>()

    var waitingCount: Int { line.count }

    /// When the reader began to wait for the lock; nil: it does not.
    var readerWaitsSince: MonotonicTime? {
        line.first { if case .reader = $0.0 { true } else { false } }?.since
    }

    /// - Returns: whether the lock was free; if not, it will be `holder`'s in its turn.
    mutating func acquire(for holder: Holder) -> Bool {
        guard self.holder == nil else {
            line.append((holder, .now))
            return false
        }
        self.holder = holder
        return true
    }

    /// - Returns: who holds the lock now.
    mutating func release() -> Holder? {
        holder = line.popFirst()?.0
        return holder
    }

    /// The thread waits no more.
    mutating func leaveLine(_ thread: HubThread) {
        line.removeAll { $0.0.isThread(thread) }
    }
}
