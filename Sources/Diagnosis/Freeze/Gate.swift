internal import LoadMetrics

/// Keeps how long nobody has passed a phase that accounts want to pass.
struct Gate: Sendable {
    let phase: Phase
    private let stallAfterS: Double
    private let quietLimitS: Double

    /// When the latest account passed, seconds; nil before the first.
    private(set) var lastPassS: Double?
    /// Start of the latest row of seconds in which accounts wanted to pass and none did.
    private(set) var shutSinceS: Double?
    /// Accounts that gave up since.
    private(set) var timedOut = 0
    /// Most accounts that waited at once since.
    private(set) var waitingMax = 0
    /// Somebody has waited for `stall.after` or given up, in the latest second.
    private(set) var isStuck = false
    /// Length of the row, seconds.
    private(set) var shutForS = 0.0
    private var quietS = 0.0
    /// Account-seconds waited in the row, and, fading, in the seconds before it in which accounts passed.
    private var rowWaitedS = 0.0
    private var waitedS = 0.0
    private var passes = 0.0

    /// Share of what was seen that still counts a second later: some thirty seconds are remembered.
    private static let memory = 0.97

    /// - Parameter quietLimitS: nobody asks for so long: whether the gate is shut is not known any more, seconds.
    init(phase: Phase, stallAfterS: Double, quietLimitS: Double) {
        self.phase = phase
        self.stallAfterS = stallAfterS
        self.quietLimitS = quietLimitS
    }

    /// - Parameter isBlind: the generator was too late to see anybody pass.
    mutating func observe(_ group: IntervalGroup, isBlind: Bool) {
        let gauge = group[phase]
        let gaveUp = phase.timeoutSlugs.reduce(0.0) { $0 + Double(group.outcomes[$1] ?? 0) }
        isStuck = false
        if gauge.passed > 0 || isAnswered(group) {
            lastPassS = group.endS
            waitedS = Self.memory * waitedS + rowWaitedS + Double(gauge.count) * group.lengthS
            passes = Self.memory * passes + Double(max(1, gauge.passed))
            open()
        } else if isBlind {
            open()
        } else if gauge.count > 0 || gaveUp > 0 {
            quietS = 0
            rowWaitedS += (Double(gauge.count) + gaveUp) * group.lengthS
            shutSinceS = shutSinceS ?? group.startS
            timedOut = (Double(timedOut) + gaveUp).count
            waitingMax = max(waitingMax, gauge.count)
            shutForS = group.endS - (shutSinceS ?? group.endS)
            isStuck = gauge.stalled > 0 || timedOut > 0
        } else if shutSinceS != nil {
            quietS += group.lengthS
            if quietS >= quietLimitS { open() }
        }
    }

    /// How many accounts would have passed in the row at the pace of before, by Little's law; infinite without any
    /// before.
    ///
    /// A slow server with few accounts at its gate lets nobody pass for seconds by mere chance.
    var missedPasses: Double {
        passes > 0 && waitedS > 0 ? rowWaitedS * passes / waitedS : .infinity
    }

    /// Nobody has passed for `stall.after` although somebody has waited as long or has given up.
    ///
    /// The age is seen at the second's end, the passes over the whole second: allow one second's blur.
    func isShut(lengthS: Double) -> Bool {
        isStuck && shutForS >= stallAfterS - min(1, lengthS)
    }

    private mutating func open() {
        shutSinceS = nil
        timedOut = 0
        waitingMax = 0
        shutForS = 0
        rowWaitedS = 0
        quietS = 0
    }

    /// A server that turns accounts away is not stuck in the phases before its answer.
    private func isAnswered(_ group: IntervalGroup) -> Bool {
        guard Phase.beforeAnswer.contains(phase) else { return false }
        return group.outcomes.contains { $0.value > 0 && Self.isAnswer($0.key) }
    }

    private static func isAnswer(_ slug: String) -> Bool {
        slug.hasPrefix(Outcome.Kind.handshakeRejected.slug) || slug == Outcome.Kind.handshakeInvalid.slug
    }
}

extension Phase {
    /// On the way in.
    static let inward: [Phase] = [.connecting, .securing, .handshaking, .admitting]
    fileprivate static let beforeAnswer: [Phase] = [.connecting, .securing, .handshaking]
}
