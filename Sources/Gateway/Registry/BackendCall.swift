/// The call to the service that keeps the users' online state: a wait of a given time.
final class BackendCall: Sendable {
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var isCancelled = false

    /// Blocks the calling thread for `time`, or until cancelled.
    func make(taking time: Duration) {
        guard time > .zero else { return }
        let deadline = MonotonicTime.now + time
        monitor.withLock {
            while !isCancelled, monitor.wait(until: deadline) {}
        }
    }

    /// Ends the call that is being made and every later one at once.
    func cancelAll() {
        monitor.withLock {
            isCancelled = true
            monitor.broadcast()
        }
    }
}
