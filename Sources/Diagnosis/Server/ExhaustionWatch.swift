internal import LoadMetrics

/// Watches one source for the end of its descriptor table.
///
/// Begins with the first sample at the limit or the first failed accept, and ends when a good part of the table is free
/// again and nothing failed for a while.
struct ExhaustionWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var episodes: [Episode] = []

    fileprivate struct Episode {
        var onsetS: Double
        var endedS: Double?
        /// Of the latest sign of trouble.
        var lastS: Double
        var failedAccepts = 0
        var firstFailure: ServerEvent?
        /// The sample with the most descriptors.
        var peak: ServerSample?
    }

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    /// The source had no descriptor left at some moment of this stretch, seconds; its first one.
    func onsetS(from startS: Double, to endS: Double) -> Double? {
        episodes.first { $0.onsetS <= endS && ($0.endedS ?? .infinity) >= startS }?.onsetS
    }

    mutating func observe(_ sample: ServerSample, _ history: ServerHistory) {
        if sample.isExhausted(limit: history.limit(of: sample), thresholds) {
            sign(atS: sample.atS, history) { _ in }
        }
        guard let index = episodes.indices.last, sample.atS >= episodes[index].onsetS - thresholds.sampleDelayS,
            sample.atS <= episodes[index].endedS ?? .infinity
        else { return }
        episodes[index].keepPeak(sample)
    }

    mutating func observe(_ event: ServerEvent, _ history: ServerHistory) {
        guard event.kind == .acceptFailed, event.atS.isFinite else { return }
        sign(atS: event.atS, history) { episode in
            episode.failedAccepts += 1
            if event.atS < episode.firstFailure?.atS ?? .infinity { episode.firstFailure = event }
        }
    }

    /// Ends what is over at `horizonS`.
    mutating func judge(horizonS: Double, _ history: ServerHistory) {
        guard let index = episodes.indices.last, episodes[index].endedS == nil else { return }
        let lastS = episodes[index].lastS
        guard horizonS - lastS >= thresholds.reopenWithinS else { return }
        let relief = history.samples.first { sample in
            guard sample.atS > lastS, sample.atS <= horizonS else { return false }
            guard let descriptors = sample.descriptors, let limit = history.limit(of: sample) else { return true }
            return Double(descriptors) < thresholds.recoveredShare * Double(limit)
        }
        if let relief { episodes[index].endedS = relief.atS }
    }

    private mutating func sign(atS: Double, _ history: ServerHistory, _ note: (inout Episode) -> Void) {
        if let last = episodes.last, last.endedS.map({ atS - $0 <= thresholds.reopenWithinS }) ?? true {
        } else if episodes.count < thresholds.episodesPerPhase {
            var episode = Episode(onsetS: atS, lastS: atS)
            for sample in history.samples(from: atS - thresholds.sampleDelayS, to: .infinity) {
                episode.keepPeak(sample)
            }
            episodes.append(episode)
        }
        let index = episodes.count - 1
        if let endedS = episodes[index].endedS, atS > endedS { episodes[index].endedS = nil }
        episodes[index].onsetS = min(episodes[index].onsetS, atS)
        episodes[index].lastS = max(episodes[index].lastS, atS)
        note(&episodes[index])
    }

    func findings(_ history: ServerHistory) -> [Finding] {
        episodes.map { $0.finding(history) }
    }
}

extension ExhaustionWatch.Episode {
    fileprivate mutating func keepPeak(_ sample: ServerSample) {
        guard let descriptors = sample.descriptors else { return }
        guard let before = peak, let most = before.descriptors else {
            peak = sample
            return
        }
        if (descriptors, before.atS) > (most, sample.atS) { peak = sample }
    }

    fileprivate func finding(_ history: ServerHistory) -> Finding {
        var evidence = ["source": history.name]
        var summary = "\(history.name) has no file descriptor left"
        if let peak, let descriptors = peak.descriptors {
            evidence["fds"] = String(descriptors)
            if let limit = history.limit(of: peak) {
                evidence["fd_limit"] = String(limit)
                summary += ": \(descriptors) of \(limit) in use"
            }
            if let kinds = peak.largestKinds(3) {
                evidence["fds_by_kind"] = kinds
                summary += ", most of them \(kinds)"
            }
            evidence["accept_queue"] = peak.acceptQueue.map(String.init)
            evidence["accept_queue_limit"] = peak.acceptQueueLimit.map(String.init)
        }
        if let firstFailure {
            evidence["accept_failed_at_s"] = firstFailure.atS.tenths
            evidence["accept_failures_logged"] = String(failedAccepts)
            evidence["accept_failed"] = firstFailure.detail
            summary += "; accepting connections fails"
        } else {
            evidence["against"] = "no failed accept was reported; the table may be full without anybody asking for more"
        }
        return Finding(
            kind: .descriptorExhaustion, severity: .critical, onsetS: onsetS, endedS: endedS, summary: summary,
            evidence: evidence)
    }
}

extension ServerSample {
    func isExhausted(limit: Int?, _ thresholds: DiagnosisThresholds) -> Bool {
        guard let descriptors, let limit, limit > 0 else { return false }
        return Double(descriptors) >= thresholds.exhaustedShare * Double(limit)
            || Double(descriptors) >= Double(limit) - Double(thresholds.exhaustedHeadroom)
    }

    /// Such as `netlink 612, tcp:CLOSE_WAIT 203`; nil when the kinds are not known.
    func largestKinds(_ count: Int) -> String? {
        guard let descriptorsByKind, !descriptorsByKind.isEmpty else { return nil }
        let largest = descriptorsByKind.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return largest.prefix(count).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
