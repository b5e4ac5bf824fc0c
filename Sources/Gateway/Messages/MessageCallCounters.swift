internal import Synchronization

/// What one event loop's calls of the message service came to; written by its thread alone, read by anyone.
final class MessageCallCounters: Sendable {
    let started = SingleWriterCounter()
    /// Answered or failed.
    let finished = SingleWriterCounter()
    let failed = SingleWriterCounter()
    /// Open connections to the service.
    let connections = SingleWriterCounter()
    private let reason = Mutex("")

    var inFlight: Int {
        // Finished first: a call that comes and goes between the two reads must not count as -1.
        let finished = finished.value
        return started.value - finished
    }

    /// Why the latest of the failed ones did.
    var latestFailure: String { reason.withLock { $0 } }

    func countFailure(_ reason: String) {
        self.reason.withLock { $0 = reason }
        failed.add(1)
    }
}
