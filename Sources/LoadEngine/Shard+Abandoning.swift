internal import LoadMetrics
internal import Reactor

/// Connections that are left open and forgotten: they are the server's to end, within the bounds that the profile sets.
///
/// Each is still open for the ledger until the server ends it or it is reset here, and then lost.
extension Shard {
    /// False when there was no connection to leave.
    mutating func startAbandon(_ index: Int, _ abandon: Int, _ now: Int64) -> Bool {
        let account = accounts + index
        let left = account.pointee.connection
        guard account.pointee.machine.state == .open else {
            fail(index, Outcome(.notConnected), .ended, now)
            return false
        }
        let compiled = program.abandons[abandon]
        while abandoned.count(ofClient: index) >= compiled.keep, let oldest = abandoned.oldest(ofClient: index) {
            resetAbandoned(index, oldest, now)
        }
        let entry = AbandonedConnections.Entry(
            connection: left, sinceNs: now, sessionStartNs: account.pointee.sessionStartNs)
        guard let place = abandoned.add(entry, client: index) else {
            // Nowhere to keep it.
            loop.reset(left)
            connectionGone(index, .ended, now)
            return true
        }
        loop.abandonReceiving(left)
        account.pointee.machine.abandon()
        forgetConnection(index)
        if let lifetimeNs = compiled.lifetimeNs {
            wheel.schedule(abandonTimer(index, place), atNs: now &+ lifetimeNs)
        }
        return true
    }

    /// Something happened on a connection that is not the client's own any more.
    mutating func completedAbandoned(_ index: Int, _ completion: Completion, _ now: Int64) {
        guard let place = abandoned.place(of: completion.connection, client: index) else { return }
        switch completion.kind {
        case .finished:
            loop.close(completion.connection)
            abandonedEnded(index, place, now)
        case .failed:
            abandonedEnded(index, place, now)
        case .connected, .secured, .received, .sent, .readable:
            break
        }
    }

    mutating func resetAbandoned(_ index: Int, _ place: Int, _ now: Int64) {
        loop.reset(abandoned[index, place].connection)
        abandonedEnded(index, place, now)
    }

    /// At the end of a run that everybody has finished.
    mutating func resetAllAbandoned(_ now: Int64) {
        guard abandoned.count > 0 else { return }
        for index in 0..<accountCount {
            while let place = abandoned.oldest(ofClient: index) { resetAbandoned(index, place, now) }
        }
    }

    private mutating func abandonedEnded(_ index: Int, _ place: Int, _ now: Int64) {
        recorder.counters.pointee.count(.lost)
        recorder.record(.session, ns: now - abandoned[index, place].sessionStartNs)
        abandoned.remove(client: index, place: place)
        wheel.cancel(abandonTimer(index, place))
    }

    /// Behind the step timer, before the heartbeat.
    private func abandonTimer(_ index: Int, _ place: Int) -> UInt32 {
        UInt32(index * timersPerAccount + 1 + place)
    }
}
