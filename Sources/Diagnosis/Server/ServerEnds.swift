internal import LoadMetrics

/// Watched processes that ended or were replaced during the run.
struct ServerEnds: Sendable {
    private var ends: [End] = []
    private let thresholds: DiagnosisThresholds

    private struct End {
        var source: Int
        var atS: Double
        var exit: ServerEvent?
        var restart: ServerEvent?
    }

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    /// Takes `exited` and `restarted`; of one process's end and its successor's beginning one finding is made.
    mutating func observe(_ event: ServerEvent) {
        guard event.kind == .exited || event.kind == .restarted, event.atS.isFinite else { return }
        let isExit = event.kind == .exited
        let partner = ends.lastIndex {
            $0.source == event.source && abs($0.atS - event.atS) <= thresholds.reopenWithinS
                && (isExit ? $0.exit == nil : $0.restart == nil)
        }
        guard partner != nil || ends.count(where: { $0.source == event.source }) < thresholds.episodesPerPhase else {
            return
        }
        var end = partner.map { ends.remove(at: $0) } ?? End(source: event.source, atS: event.atS)
        end.atS = min(end.atS, event.atS)
        if isExit { end.exit = event } else { end.restart = event }
        ends.append(end)
    }

    /// Whether the source was another process after the first time than at the second, seconds.
    func hasEnded(_ source: Int, fromS: Double, toS: Double) -> Bool {
        ends.contains { $0.source == source && $0.atS >= fromS && $0.atS <= toS }
    }

    /// - Parameter isKnown: ends that the supervising process saw itself and has told already.
    func findings(_ histories: [Int: ServerHistory], isKnown: (_ pid: Int32, _ atS: Double) -> Bool) -> [Finding] {
        ends.compactMap { end in
            let history = histories[end.source] ?? ServerHistory(number: end.source)
            let pid = history.samples.last { $0.atS <= end.atS }?.pid ?? history.source?.pid
            if end.restart == nil, let pid, isKnown(pid, end.atS) { return nil }
            var evidence = ["role": history.role.rawValue, "name": history.name]
            evidence["pid"] = pid.map(String.init)
            evidence["reason"] = end.exit?.detail
            evidence["restarted"] = end.restart?.detail
            let what = end.restart == nil ? "ended during the run" : "was restarted during the run"
            let detail = [end.exit?.detail, end.restart?.detail].compactMap(\.self).filter { !$0.isEmpty }
            return Finding(
                kind: .processExit, severity: .critical, onsetS: end.atS,
                summary: "\(history.name) \(what)" + (detail.isEmpty ? "" : ": \(detail.joined(separator: "; "))"),
                evidence: evidence)
        }
    }
}
