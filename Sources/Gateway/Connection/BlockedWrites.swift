/// Whether the writes of a connection get through at once, or wait for the peer to read.
struct BlockedWrites {
    private var outstanding = 0
    private var hasReported = false

    mutating func begin() {
        outstanding += 1
    }

    /// A write has got through, or has failed.
    ///
    /// - Returns: whether it was the last of those that were reported as blocked.
    mutating func complete() -> Bool {
        outstanding -= 1
        return outstanding == 0 && end()
    }

    /// Call when all that was written has been flushed.
    ///
    /// - Returns: whether some of it has to wait, which was not known before.
    mutating func areBlocked() -> Bool {
        guard outstanding > 0, !hasReported else { return false }
        hasReported = true
        return true
    }

    /// The connection is over.
    ///
    /// - Returns: whether writes were reported as blocked until now.
    mutating func end() -> Bool {
        defer { hasReported = false }
        return hasReported
    }
}
