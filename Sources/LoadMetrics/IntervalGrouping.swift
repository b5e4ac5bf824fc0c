/// Lines up the shards' intervals second by second as they arrive, in any order between shards.
///
/// By time, not by sequence number: a shard that was stopped for seconds writes one long interval, and its numbers
/// lag behind the others' ever after. A second is handed out when every shard that is still expected has got that far;
/// one that has written its last interval or has died must not be waited for, and one that only lags holds nothing up
/// for longer than `lateLimit`.
package struct IntervalGrouping: Sendable {
    /// A second is handed out without the shards that are this many seconds behind.
    package static let lateLimit = 5

    private var pending: [Int: IntervalGroup] = [:]
    /// The latest second of each shard that more is expected from; -1 before its first.
    private var reached: [Int: Int]
    private var nextSecond = 0
    private var newestSecond = -1

    /// - Parameter shards: their numbers are 0 ..< `shards`.
    package init(shards: Int) {
        reached = Dictionary(uniqueKeysWithValues: (0..<max(0, shards)).map { ($0, -1) })
    }

    /// Takes an interval and returns the seconds that are now complete, in order.
    ///
    /// An interval of a second that was already handed out forms a group of its own.
    package mutating func add(_ interval: Interval) throws(IntervalFault) -> [IntervalGroup] {
        let second = interval.second
        var group = pending[second] ?? IntervalGroup(second: second)
        try group.add(interval)
        if let before = reached[interval.shard] {
            reached[interval.shard] = interval.isLast ? nil : max(before, second)
        }
        newestSecond = max(newestSecond, second)
        guard second >= nextSecond else { return [group] + takeComplete() }
        pending[second] = group
        return takeComplete()
    }

    /// A shard has died: nothing more will come from it.
    package mutating func shardEnded(_ shard: Int) -> [IntervalGroup] {
        reached[shard] = nil
        return takeComplete()
    }

    /// Everything still waiting, in order; the run is over.
    package mutating func flush() -> [IntervalGroup] {
        reached = [:]
        return takeComplete()
    }

    private mutating func takeComplete() -> [IntervalGroup] {
        let slowest = reached.values.min() ?? .max
        let complete = max(slowest, newestSecond - Self.lateLimit)
        // Times come from outside and may leap, so the pending seconds are walked, not the numbers between them.
        return pending.keys.filter { $0 <= complete }.sorted().compactMap { second in
            nextSecond = second + 1
            return pending.removeValue(forKey: second)
        }
    }
}
