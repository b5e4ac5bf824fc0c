internal import LoadMetrics

/// What our accounts had done, and where they stood, at a moment of the run.
struct LoadPoint: Equatable, Sendable {
    /// Since the run's start.
    var messages = 0.0
    /// Connections that ended, however, since the run's start.
    var disconnects = 0.0
    /// Our generator's CPU time since the run's start, seconds.
    var generatorCPUSeconds = 0.0
    /// Accounts online by our books.
    var online = 0.0
    /// Accounts online or on the way in: connections that a server may see of us.
    var connected = 0.0
}

/// The latest seconds of our own load, to be asked for at the times of samples.
struct LoadHistory: Sendable {
    private var ends: [(atS: Double, point: LoadPoint)] = []
    private var total = LoadPoint()

    private static let kept = 300

    var isEmpty: Bool { ends.isEmpty }

    mutating func observe(_ group: IntervalGroup) {
        let counters = group.counters
        total.messages += Double(counters.messagesReceived)
        total.disconnects += Double(counters.closedClean) + Double(counters.closedByPeer) + Double(counters.lost)
        total.generatorCPUSeconds += group.generator.userCPUSeconds + group.generator.systemCPUSeconds
        total.online = Phase.online.reduce(0) { $0 + Double(group[$1].count) }
        total.connected = total.online + Phase.inFlight.reduce(0) { $0 + Double(group[$1].count) }
        // A shard that lags brings a second again: what it adds counts from the latest second on.
        let atS = max(group.endS, ends.last?.atS ?? 0)
        if ends.last?.atS == atS { ends.removeLast() }
        ends.append((atS, total))
        if ends.count >= 2 * Self.kept { ends.removeFirst(ends.count - Self.kept) }
    }

    /// Sums between two seconds' ends are interpolated, accounts are those of the nearer end.
    func point(atS: Double) -> LoadPoint {
        let after = (ends.lastIndex { $0.atS < atS } ?? -1) + 1
        guard after < ends.count else { return ends.last?.point ?? LoadPoint() }
        let right = ends[after]
        let left = after > 0 ? ends[after - 1] : (atS: 0, point: LoadPoint())
        guard right.atS > left.atS, atS > left.atS else { return left.point }
        let share = (atS - left.atS) / (right.atS - left.atS)
        var point = share < 0.5 ? left.point : right.point
        func between(_ field: KeyPath<LoadPoint, Double>) -> Double {
            left.point[keyPath: field] + share * (right.point[keyPath: field] - left.point[keyPath: field])
        }
        point.messages = between(\.messages)
        point.disconnects = between(\.disconnects)
        point.generatorCPUSeconds = between(\.generatorCPUSeconds)
        return point
    }
}
