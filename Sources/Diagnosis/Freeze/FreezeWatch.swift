internal import LoadMetrics

/// Asks whether the server still lets anybody in or out.
///
/// | state | second | next |
/// |---|---|---|
/// | moving | a way in is shut for `stall.after`, or the way out while nobody comes in either | frozen: a finding begins |
/// | frozen | nobody passes | frozen: class and evidence are judged anew |
/// | frozen | somebody passes that gate | moving: the finding has ended |
///
/// *That* it froze is told by our accounts alone, *why* by what the watched processes did meanwhile; of a server that
/// nobody watches the stalls say all there is to say.
struct FreezeWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private let stallAfterS: Double
    private let processors: Int
    private var gates: [Gate]
    private var outward: Gate
    private var lastInS: Double?
    private(set) var episodes: [FreezeEpisode] = []
    private(set) var findings: [Finding] = []

    init(stallAfterMs: Int, processors: Int, thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
        self.processors = processors
        let stallAfterS = Double(stallAfterMs) / 1000
        self.stallAfterS = stallAfterS
        let quietS = max(thresholds.reopenWithinS, stallAfterS)
        gates = Phase.inward.map { Gate(phase: $0, stallAfterS: stallAfterS, quietLimitS: quietS) }
        outward = Gate(phase: .closing, stallAfterS: stallAfterS, quietLimitS: quietS)
    }

    var isFrozen: Bool { episodes.last.map { $0.endedS == nil } ?? false }

    /// Since when nobody has got through, when that has lasted long enough to matter to other rules, seconds.
    var heldUpSinceS: Double? {
        let shut = (gates + [outward]).filter { $0.shutForS >= Self.heldUpS }.compactMap(\.shutSinceS)
        return [shut.min(), isFrozen ? episodes.last?.lastPassS : nil].compactMap(\.self).min()
    }

    private static let heldUpS = 2.0

    /// - Parameters:
    ///   - isBlind: the generator has been too late for seconds to see anybody pass.
    ///   - isLate: the generator was late in this very second.
    ///   - isWatched: there is a source to judge the freeze by.
    mutating func observe(_ group: IntervalGroup, isBlind: Bool, isLate: Bool, isWatched: Bool) {
        for index in gates.indices { gates[index].observe(group, isBlind: isBlind) }
        outward.observe(group, isBlind: isBlind)
        if group[.admitting].passed > 0 || group.counters.opened > 0 { lastInS = group.endS }
        if isFrozen {
            grow(group)
        } else if isWatched, !isLate, let gate = shutGate(group) {
            begin(gate, group)
        }
    }

    /// The gate that is shut: the way in before the way out.
    private func shutGate(_ group: IntervalGroup) -> Gate? {
        let blurS = min(1, group.lengthS)
        // Who was further along may still come in, and who leaves makes room.
        let shut = (gates + [outward]).filter { gate in
            guard gate.isShut(lengthS: group.lengthS), let shutSinceS = gate.shutSinceS else { return false }
            return gate.missedPasses >= thresholds.missedPasses
                && group.endS - max(shutSinceS, lastInS ?? 0) >= stallAfterS - blurS
        }
        let inward = shut.filter { $0.phase != .closing }
        return inward.max { $0.waitingMax < $1.waitingMax } ?? shut.first
    }

    private mutating func begin(_ gate: Gate, _ group: IntervalGroup) {
        if let last = episodes.last, let endedS = last.endedS,
            group.endS - endedS <= thresholds.reopenWithinS + stallAfterS && last.phase == gate.phase
                || episodes.count >= thresholds.episodesPerPhase
        {
            episodes[episodes.count - 1].reopen()
        } else {
            let startS = gate.shutSinceS ?? group.startS
            // The last pass lies in the second before the first without any.
            let lastPassS = max(startS, lastInS ?? 0)
            episodes.append(
                FreezeEpisode(
                    phase: gate.phase, foundS: group.endS, lastPassS: lastPassS, hadPasses: gate.lastPassS != nil))
        }
        grow(group)
    }

    private mutating func grow(_ group: IntervalGroup) {
        let index = episodes.count - 1
        let phase = episodes[index].phase
        guard let gate = (gates + [outward]).first(where: { $0.phase == phase }) else { return }
        let slowestPassUs = phase.timings.reduce(0) { max($0, group.timings[$1]?.maxUs ?? 0) }
        if gate.shutSinceS == nil, gate.lastPassS == group.endS {
            episodes[index].end(atS: group.endS, slowestPassS: Double(slowestPassUs) / 1e6)
        } else {
            episodes[index].grow(group, gate)
        }
    }

    /// Renews the words and numbers of the latest freeze from the samples that are there now.
    mutating func render(_ histories: [Int: ServerHistory], _ views: FreezeSurroundings) {
        guard let episode = episodes.last else { return }
        if let endedS = episode.endedS, views.nowS > endedS + 2 * thresholds.sampleDelayS,
            findings.count == episodes.count
        {
            return
        }
        let finding = FreezeReport(
            episode: episode, stallAfterS: stallAfterS, processors: processors, thresholds: thresholds
        ).finding(histories, views)
        if findings.count < episodes.count {
            findings.append(finding)
        } else {
            findings[findings.count - 1] = finding
        }
    }
}

/// What a freeze is judged by, besides the samples.
struct FreezeSurroundings {
    var nowS: Double
    var load: LoadHistory
    var ends: ServerEnds
    var exhaustions: [Int: ExhaustionWatch]
}

/// One stretch in which nobody got through.
struct FreezeEpisode: Sendable {
    /// The gate that is shut.
    let phase: Phase
    let foundS: Double
    /// When the last account passed, or first wanted to, seconds.
    let lastPassS: Double
    /// Somebody had passed before.
    let hadPasses: Bool
    private(set) var endedS: Double?
    /// Latest second in which somebody wanted to pass.
    private(set) var wantedS: Double
    private(set) var waitingIn = 0
    private(set) var waitingOut = 0
    private(set) var timedOut = 0
    private(set) var oldestMs = 0
    /// Accounts online that were served meanwhile.
    private(set) var answered = 0
    /// How long those waited who passed at the end, seconds; 0 when they were not timed.
    private(set) var slowestPassS = 0.0

    init(phase: Phase, foundS: Double, lastPassS: Double, hadPasses: Bool) {
        self.phase = phase
        self.foundS = foundS
        self.lastPassS = lastPassS
        self.hadPasses = hadPasses
        wantedS = foundS
    }

    mutating func grow(_ group: IntervalGroup, _ gate: Gate) {
        let inward = Phase.inward.reduce(0.0) { $0 + Double(group[$1].count) }
        waitingIn = max(waitingIn, inward.count)
        waitingOut = max(waitingOut, group[.closing].count)
        timedOut = max(timedOut, gate.timedOut)
        oldestMs = max(oldestMs, group[phase].oldestMs)
        answered = (Double(answered) + Double(group[.receiving].passed)).count
        if gate.isStuck || group[phase].count > 0 { wantedS = group.endS }
    }

    mutating func end(atS: Double, slowestPassS: Double) {
        endedS = atS
        self.slowestPassS = max(self.slowestPassS, slowestPassS)
    }

    mutating func reopen() {
        endedS = nil
    }
}
