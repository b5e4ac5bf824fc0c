/// Lines up the shards' intervals second by second as they arrive, in any order between shards.
///
/// A second is handed out when every shard that is still expected has reported it, so a shard that has written its last
/// interval or has died must not be waited for. `lateLimit` bounds the wait for a shard that only lags.
package struct IntervalGrouping: Sendable {
    /// A second is handed out without the shards that are this many seconds behind.
    package static let lateLimit = 5

    private var pending: [Int: IntervalGroup] = [:]
    private var expected: Set<Int>
    private var nextSequence = 0
    private var newestSequence = -1

    /// - Parameter shards: their numbers are 0 ..< `shards`.
    package init(shards: Int) {
        expected = Set(0..<max(0, shards))
    }

    /// Takes an interval and returns the seconds that are now complete, in order. An interval of a second that was
    /// already handed out forms a group of its own.
    package mutating func add(_ interval: Interval) throws(IntervalFault) -> [IntervalGroup] {
        var group = pending[interval.sequence] ?? IntervalGroup(sequence: interval.sequence)
        try group.add(interval)
        if interval.sequence < nextSequence { return [group] }
        pending[interval.sequence] = group
        newestSequence = max(newestSequence, interval.sequence)
        if interval.isLast { expected.remove(interval.shard) }
        return takeComplete()
    }

    /// A shard has died: nothing more will come from it.
    package mutating func shardEnded(_ shard: Int) -> [IntervalGroup] {
        expected.remove(shard)
        return takeComplete()
    }

    /// Everything still waiting, in order; the run is over.
    package mutating func flush() -> [IntervalGroup] {
        expected = []
        return takeComplete()
    }

    private mutating func takeComplete() -> [IntervalGroup] {
        var complete: [IntervalGroup] = []
        // Sequence numbers come from outside and may leap, so the pending ones are walked, not the numbers.
        for sequence in pending.keys.sorted() {
            guard let group = pending[sequence] else { continue }
            let isLate = sequence + Self.lateLimit <= newestSequence
            guard isLate || expected.isSubset(of: group.shards) else { break }
            complete.append(group)
            pending[sequence] = nil
            nextSequence = sequence + 1
        }
        return complete
    }
}
