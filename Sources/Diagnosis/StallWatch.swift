internal import LoadMetrics

/// Watches one phase for accounts that do not get out of it.
///
/// | state | second | next |
/// |---|---|---|
/// | quiet | an account is in the phase for `stall.after`, or times out while nobody passes | stalled: a finding begins |
/// | stalled | some account is stuck still | stalled: the evidence grows |
/// | stalled | nobody is stuck any more | quiet: the finding has ended |
///
/// A finding begins as a warning: a slow server makes accounts wait as well. It becomes critical when the gate is shut
/// (for `stall.after` nobody passed, or was quick while a good share hangs; see `DiagnosisThresholds`), and goes back
/// to a warning when accounts do pass after that long a wait: what answers late is slow, or was paused, but is not
/// stuck.
struct StallWatch: Sendable {
    let phase: Phase
    private let stallAfterS: Double
    private let thresholds: DiagnosisThresholds
    private(set) var findings: [Finding] = []

    private var gate: Gate
    private var episode: Episode?
    /// Start of the latest unbroken row of seconds in which nobody passed; nil when somebody just did.
    private var shutSinceS: Double?
    /// Start of the latest unbroken row of seconds in which many hang while all who pass are quick.
    private var splitSinceS: Double?

    /// What the current finding rests on.
    private struct Episode {
        var onsetS: Double
        var stuckSinceS: Double
        var accountsMax = 0
        var oldestMsMax = 0
        var timedOut = 0
        var passed = 0
        var isShut = false
        var isSplit = false
        /// Longest time after which an account did pass, microseconds; 0 when all who passed were quick.
        var latePassUs = 0
        var shutSinceS: Double?
    }

    init(phase: Phase, stallAfterMs: Int, thresholds: DiagnosisThresholds) {
        self.phase = phase
        let stallAfterS = Double(stallAfterMs) / 1000
        self.stallAfterS = stallAfterS
        self.thresholds = thresholds
        gate = Gate(
            phase: phase, stallAfterS: stallAfterS, quietLimitS: max(thresholds.reopenWithinS, stallAfterS))
    }

    /// - Parameters:
    ///   - isBlind: the generator has been too late for seconds to see anybody pass; nothing begins or worsens.
    ///   - isLate: it was late in this very second; nothing begins.
    mutating func observe(_ group: IntervalGroup, isBlind: Bool, isLate: Bool) {
        gate.observe(group, isBlind: isBlind)
        let gauge = group[phase]
        let timedOut = phase.timeoutSlugs.reduce(0) { $0 + (group.outcomes[$1] ?? 0) }
        let slowestPassUs = phase.timings.reduce(0) { max($0, group.timings[$1]?.maxUs ?? 0) }
        let hasTimedPasses = phase.timings.contains { group.timings[$0] != nil }

        if gauge.passed > 0 || isBlind {
            shutSinceS = nil
        } else {
            shutSinceS = shutSinceS ?? group.startS
        }
        // The age is seen at the second's end, the passes over the whole second: allow one second's blur.
        let isShut =
            shutSinceS.map { group.endS - $0 >= stallAfterS - group.lengthS } ?? false
            && gate.missedPasses >= thresholds.missedPasses

        let accounts = group.phases.values.reduce(0) { $0 + $1.count }
        let many = max(Double(thresholds.partialStallAccounts), thresholds.partialStallShare * Double(accounts))
        let isSplitNow =
            !isBlind && Double(gauge.stalled) >= many && hasTimedPasses && Double(slowestPassUs) / 1e6 < stallAfterS
        splitSinceS = isSplitNow ? splitSinceS ?? group.startS : nil
        let isSplit = splitSinceS.map { group.endS - $0 >= thresholds.partialStallLastsS } ?? false

        let isStuck = gauge.stalled > 0 || (isShut && timedOut > 0)
        // Between two waves of time-outs the accounts are young again, and the gate as shut as before.
        let staysStuck = episode != nil && isShut && gauge.count > 0
        if isStuck || staysStuck {
            if episode == nil {
                if isLate || isBlind { return }
                begin(group, gauge)
            }
            grow(
                group, gauge, timedOut: timedOut, isShut: isShut && isStuck, isSplit: isSplit,
                slowestPassUs: slowestPassUs)
        } else if episode != nil {
            noteLatePass(slowestPassUs)
            close(atS: group.endS)
        }
    }

    private mutating func begin(_ group: IntervalGroup, _ gauge: PhaseGauge) {
        let stuckSinceS = max(0, group.endS - max(Double(gauge.oldestMs) / 1000, stallAfterS))
        if let last = findings.last, let endedS = last.endedS, let previous = lastEpisode,
            group.endS - endedS <= thresholds.reopenWithinS || findings.count >= thresholds.episodesPerPhase
        {
            episode = previous
        } else {
            episode = Episode(onsetS: group.endS, stuckSinceS: stuckSinceS)
            findings.append(
                Finding(kind: phase.stallKind, severity: .warning, onsetS: group.endS, summary: "", evidence: [:]))
        }
    }

    /// The episode of the last finding, to continue when it comes back.
    private var lastEpisode: Episode?

    private mutating func grow(
        _ group: IntervalGroup, _ gauge: PhaseGauge, timedOut: Int, isShut: Bool, isSplit: Bool, slowestPassUs: Int
    ) {
        guard var grown = episode else { return }
        grown.accountsMax = max(grown.accountsMax, max(gauge.stalled, timedOut))
        grown.oldestMsMax = max(grown.oldestMsMax, gauge.oldestMs)
        grown.timedOut += timedOut
        grown.passed += gauge.passed
        if isShut { grown.shutSinceS = grown.shutSinceS ?? shutSinceS }
        grown.isShut = grown.isShut || isShut
        grown.isSplit = grown.isSplit || isSplit
        episode = grown
        noteLatePass(slowestPassUs)
        render(endedS: nil)
    }

    private mutating func noteLatePass(_ slowestPassUs: Int) {
        guard Double(slowestPassUs) / 1e6 >= stallAfterS else { return }
        episode?.latePassUs.raise(to: slowestPassUs)
    }

    private mutating func close(atS: Double) {
        render(endedS: atS)
        lastEpisode = episode
        episode = nil
    }

    private mutating func render(endedS: Double?) {
        guard let episode, !findings.isEmpty else { return }
        let isLate = episode.latePassUs > 0
        let isCritical = (episode.isShut || episode.isSplit) && !isLate
        var evidence = [
            "phase": phase.name,
            "accounts_max": String(episode.accountsMax),
            "oldest_ms_max": String(episode.oldestMsMax),
            "stuck_since_s": episode.stuckSinceS.tenths,
            "timed_out": String(episode.timedOut),
            "passed_meanwhile": String(episode.passed),
            "gate": episode.isShut ? "shut" : "open",
        ]
        if isLate { evidence["slowest_pass_ms"] = String(episode.latePassUs / 1000) }
        if let since = episode.shutSinceS { evidence["nobody_passed_since_s"] = since.tenths }
        findings[findings.count - 1] = Finding(
            kind: phase.stallKind, severity: isCritical ? .critical : .warning, onsetS: episode.onsetS, endedS: endedS,
            summary: summary(of: episode, isLate: isLate), evidence: evidence)
    }

    private func summary(of episode: Episode, isLate: Bool) -> String {
        let accounts = episode.accountsMax == 1 ? "1 account hung" : "\(episode.accountsMax) accounts hung"
        let age = "the oldest for \((Double(episode.oldestMsMax) / 1000).tenths) s"
        let gate =
            if isLate {
                "but some passed after up to \((Double(episode.latePassUs) / 1e6).tenths) s: slow or paused, not stuck"
            } else if episode.isShut, let since = episode.shutSinceS {
                "nobody passed from \(since.tenths) s on"
            } else if episode.isSplit {
                "while all who passed were quick: these are stuck"
            } else {
                "while others passed"
            }
        return "\(accounts) \(phase.stallPlace), \(age); \(gate)"
    }
}

extension Int {
    fileprivate mutating func raise(to other: Int) { self = Swift.max(self, other) }
}
