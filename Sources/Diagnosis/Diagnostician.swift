package import LoadMetrics

/// Applies every rule to a run as it unfolds.
///
/// Pure: what it says depends on what it was shown, not on when.
///
/// Feed it each second in order (`IntervalGrouping` hands them out so), each process's end, and, as they come, what is
/// seen of watched servers: samples of a second may come up to `DiagnosisThresholds.sampleDelayS` before or after the
/// second itself, and several sources in any order, without changing what is found in the end. `findings` is current at
/// any moment, which is how the live view shows them while the server still hangs.
package struct Diagnostician: Sendable {
    private let thresholds: DiagnosisThresholds
    private var stalls: [StallWatch]
    private var generator: GeneratorWatch
    private var freeze: FreezeWatch
    private var overload: OverloadWatch
    private var counts: ServerCountWatch
    private var ghosts: [GhostWatch]
    private var exits: [ProcessExit] = []
    private var ends: ServerEnds
    private var histories: [Int: ServerHistory] = [:]
    private var trends: [Int: TrendWatch] = [:]
    private var exhaustions: [Int: ExhaustionWatch] = [:]
    private var load = LoadHistory()
    private var nowS = -Double.infinity

    /// Everything found so far by onset, the grave ones first among equals and a freeze before the stalls it consists
    /// of.
    ///
    /// A finding without an end is still going on.
    package private(set) var findings: [Finding] = []

    /// More than any run watches; what a damaged journal makes up beyond it is not kept.
    private static let sourceLimit = 256

    /// - Parameters:
    ///   - stallAfterMs: the profile's `stall.after`, milliseconds.
    ///   - processors: of the machine that the watched processes share with us; 0 when not known.
    package init(
        stallAfterMs: Int, processors: Int = 0, thresholds: DiagnosisThresholds = DiagnosisThresholds()
    ) {
        self.thresholds = thresholds
        stalls = Phase.stallable.map { StallWatch(phase: $0, stallAfterMs: stallAfterMs, thresholds: thresholds) }
        generator = GeneratorWatch(thresholds: thresholds)
        freeze = FreezeWatch(stallAfterMs: stallAfterMs, processors: processors, thresholds: thresholds)
        overload = OverloadWatch(stallAfterMs: stallAfterMs, processors: processors, thresholds: thresholds)
        counts = ServerCountWatch(thresholds: thresholds)
        ghosts = [WatchedSource.Role.gateway, .proxy, .watched].map { GhostWatch(role: $0, thresholds: thresholds) }
        ends = ServerEnds(thresholds: thresholds)
    }

    /// Who is online according to the server and to us; nil when the server does not say.
    package var serverCount: ServerCount? { counts.count }

    package mutating func observe(_ group: IntervalGroup) {
        generator.observe(group)
        let (isBlind, isLate) = (generator.isConvicted, generator.isLate)
        for index in stalls.indices { stalls[index].observe(group, isBlind: isBlind, isLate: isLate) }
        load.observe(group)
        freeze.observe(group, isBlind: isBlind, isLate: isLate, isWatched: !histories.isEmpty)
        overload.observe(group, isLate: isLate)
        nowS = max(nowS, group.endS)
        judgeTrends(horizonS: nowS - thresholds.sampleDelayS)
        refresh()
    }

    package mutating func observe(_ exit: ProcessExit) {
        exits.append(exit)
        refresh()
    }

    /// A source is announced, or announced again as another process.
    package mutating func observe(_ source: WatchedSource) {
        guard register(source.number) else { return }
        histories[source.number]?.source = source
        refresh()
    }

    package mutating func observe(_ sample: ServerSample) {
        guard register(sample.source), let isKept = histories[sample.source]?.insert(sample), isKept,
            let history = histories[sample.source]
        else { return }
        exhaustions[sample.source]?.observe(sample, history)
        // Without load of our own the samples are the clock.
        if load.isEmpty {
            nowS = max(nowS, sample.atS)
            judgeTrends(horizonS: nowS - thresholds.sampleDelayS)
        }
        refresh()
    }

    package mutating func observe(_ event: ServerEvent) {
        guard register(event.source), let history = histories[event.source] else { return }
        exhaustions[event.source]?.observe(event, history)
        ends.observe(event)
        refresh()
    }

    private mutating func register(_ number: Int) -> Bool {
        if histories[number] != nil { return true }
        guard histories.count < Self.sourceLimit else { return false }
        histories[number] = ServerHistory(number: number)
        trends[number] = TrendWatch(thresholds: thresholds)
        exhaustions[number] = ExhaustionWatch(thresholds: thresholds)
        return true
    }

    private mutating func judgeTrends(horizonS: Double) {
        let (heldUpSinceS, isFrozen) = (freeze.heldUpSinceS, freeze.isFrozen)
        for (number, history) in histories {
            trends[number]?.judge(
                horizonS: horizonS, heldUpSinceS: heldUpSinceS, isFrozen: isFrozen, history, load)
            exhaustions[number]?.judge(horizonS: horizonS, history)
        }
        for index in ghosts.indices {
            ghosts[index].judge(
                horizonS: horizonS, heldUpSinceS: heldUpSinceS, isFrozen: isFrozen, histories, load)
        }
        overload.judge(horizonS: horizonS, isFrozen: isFrozen, histories, load)
        counts.judge(atS: horizonS, histories, load)
    }

    private mutating func refresh() {
        let around = FreezeSurroundings(nowS: nowS, load: load, ends: ends, exhaustions: exhaustions)
        freeze.render(histories, around)
        let numbers = histories.keys.sorted()
        var all = exits.map(\.finding) + ends.findings(histories, isKnown: isKnown)
        all += freeze.findings
        for number in numbers {
            guard let history = histories[number] else { continue }
            all += exhaustions[number]?.findings(history) ?? []
            all += trends[number]?.findings ?? []
        }
        all += ghosts.flatMap(\.findings) + stalls.flatMap(\.findings) + overload.findings + generator.findings
        findings = all.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.onsetS != b.onsetS { return a.onsetS < b.onsetS }
            if a.severity != b.severity { return a.severity == .critical }
            return left.offset < right.offset
        }.map(\.element)
    }

    /// The supervising process has told of the end itself.
    private func isKnown(pid: Int32, atS: Double) -> Bool {
        exits.contains { $0.pid == pid && abs($0.atS - atS) <= 2 * thresholds.reopenWithinS }
    }
}

extension Diagnostician {
    /// The findings of a whole run.
    package static func findings(
        stallAfterMs: Int, groups: some Sequence<IntervalGroup>, exits: [ProcessExit] = [],
        thresholds: DiagnosisThresholds = DiagnosisThresholds()
    ) -> [Finding] {
        var diagnostician = Diagnostician(stallAfterMs: stallAfterMs, thresholds: thresholds)
        for group in groups { diagnostician.observe(group) }
        for exit in exits { diagnostician.observe(exit) }
        return diagnostician.findings
    }
}
