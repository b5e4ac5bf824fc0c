internal import Glibc

/// The descriptors that threads of the message service block on.
final class ServedConnections: Sendable {
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var descriptors: Set<CInt> = []
    nonisolated(unsafe) private var isEnding = false
    nonisolated(unsafe) private var isAccepting = true

    /// - Returns: `false` when the service is ending.
    func add(_ descriptor: CInt) -> Bool {
        monitor.withLock {
            guard !isEnding else { return false }
            descriptors.insert(descriptor)
            return true
        }
    }

    /// Closes the descriptor, under the lock so that `endAll` never meets a number that is somebody else's by then.
    func remove(_ descriptor: CInt) {
        monitor.withLock {
            descriptors.remove(descriptor)
            close(descriptor)
        }
    }

    /// Wakes every thread that blocks on a connection, and whoever waits here.
    func endAll() {
        monitor.withLock {
            isEnding = true
            for descriptor in descriptors {
                shutdown(descriptor, CInt(SHUT_RDWR))
            }
            monitor.broadcast()
        }
    }

    /// - Returns: whether the service is ending.
    func waitForEnd(noLongerThan time: Duration) -> Bool {
        let deadline = MonotonicTime.now + time
        return monitor.withLock {
            while !isEnding, monitor.wait(until: deadline) {}
            return isEnding
        }
    }

    /// The accepting thread adds no more.
    func stoppedAccepting() {
        monitor.withLock { isAccepting = false }
    }

    var areAllGone: Bool {
        monitor.withLock { descriptors.isEmpty && !isAccepting }
    }
}
