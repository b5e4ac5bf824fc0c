internal import LoadMetrics
internal import Reactor

/// A client that does not read: what the server sends stays in the kernel until its buffers are full and the server must wait.
extension Shard {
    /// False when there is no connection.
    mutating func stopReading(_ index: Int, _ now: Int64) -> Bool {
        let account = accounts + index
        guard account.pointee.machine.state == .open else {
            fail(index, Outcome(.notConnected), .ended, now)
            return false
        }
        account.pointee.isReadingStopped = true
        // Heartbeats go on, but no PONG will be seen.
        account.pointee.isAwaitingHeartbeat = false
        loop.pauseReceiving(account.pointee.connection)
        return true
    }

    /// A closing handshake cannot end without its answer, which stands behind all that was not read.
    mutating func resumeReading(_ index: Int) {
        guard accounts[index].isReadingStopped else { return }
        accounts[index].isReadingStopped = false
        loop.resumeReceiving(accounts[index].connection)
    }
}
