internal import LoadMetrics

/// What a watched process did in a stretch of time, as rates.
struct ServerActivity: Sendable {
    /// CPU seconds per second; nil when not known.
    let cores: Double?
    /// Context switches of both sorts per second; nil when not known.
    let switchesPerS: Double?
    let first: ServerSample
    let last: ServerSample

    /// nil without two samples of one process at least `shortestS` apart.
    init?(_ samples: some BidirectionalCollection<ServerSample>) {
        guard let last = samples.last,
            let first = samples.first(where: { $0.pid == last.pid && $0.hasBefore(last) }),
            last.atS - first.atS >= Self.shortestS
        else { return nil }
        let lengthS = last.atS - first.atS
        func rate(_ value: (ServerSample) -> Double?) -> Double? {
            guard let before = value(first), let after = value(last), before.isFinite, after.isFinite else {
                return nil
            }
            return max(0, after - before) / lengthS
        }
        cores = rate { $0.cpuSeconds }
        switchesPerS = rate { $0.switches }
        self.first = first
        self.last = last
    }

    private static let shortestS = 0.9
}

extension ServerSample {
    /// Not from an incarnation that had already used more CPU than `later`: behind a metrics address there is no pid.
    fileprivate func hasBefore(_ later: ServerSample) -> Bool {
        guard let cpuSeconds, let after = later.cpuSeconds else { return true }
        return cpuSeconds <= after
    }

    var switches: Double? {
        guard let voluntarySwitches else { return involuntarySwitches.map(Double.init) }
        return Double(voluntarySwitches) + Double(involuntarySwitches ?? 0)
    }

    /// Most threads are stopped by a signal or a debugger: state T, or t of proc_pid_stat(5).
    var isStopped: Bool {
        guard let threadsByState else { return false }
        let stopped = Double(threadsByState["T"] ?? 0) + Double(threadsByState["t"] ?? 0)
        return stopped > 0 && 2 * stopped >= threadsByState.values.reduce(0.0) { $0 + Double($1) }
    }
}
