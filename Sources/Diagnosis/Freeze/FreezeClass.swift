internal import LoadMetrics

/// Why nobody gets through, judged by what the server does meanwhile.
///
/// | class | when, the first that holds |
/// |---|---|
/// | paused | the process is stopped (state T), or accounts pass again after it had been idle |
/// | exhausted | no descriptor was left when the freeze began |
/// | overload | a watched process, or the machine, is busy |
/// | deadlock_suspected | the CPU is idle and context switches have all but ceased |
/// | unknown | the server's CPU time cannot be read, or its numbers are in between |
///
/// The signatures are those of a hub that waits for itself (proc_pid_stat(5) shows it idle), of a computation without
/// end, of accept(2) failing with EMFILE, and of SIGSTOP.
enum FreezeClass: String, Sendable {
    case paused
    case exhausted
    case overload
    case deadlockSuspected = "deadlock_suspected"
    case unknown
}

/// What one source did during a freeze, beside what it did before.
struct FreezeView: Sendable {
    let history: ServerHistory
    /// Since just after the last account passed, at most `freezeWindowS` back; nil when not sampled.
    let during: ServerActivity?
    let before: ServerActivity?
    let isStopped: Bool
    let wasStopped: Bool
    /// No descriptor left at that time, seconds.
    let exhaustedS: Double?
    private let thresholds: DiagnosisThresholds

    init(
        _ history: ServerHistory, onsetS: Double, endS: Double, exhaustion: ExhaustionWatch?,
        thresholds: DiagnosisThresholds
    ) {
        self.history = history
        self.thresholds = thresholds
        let frozen = history.samples(from: onsetS, to: endS)
        isStopped = frozen.last?.isStopped ?? false
        let resumedS = frozen.last { $0.isStopped }?.atS
        wasStopped = resumedS != nil
        // The second in which the last account passed is neither.
        let startS = max(onsetS + 0.5, endS - thresholds.freezeWindowS, resumedS.map { $0 + 0.1 } ?? onsetS)
        during = ServerActivity(history.samples(from: startS, to: endS))
        let beforeS = max(onsetS - thresholds.freezeBeforeS, -0.5)
        before = ServerActivity(history.samples(from: beforeS, to: onsetS + 0.5))
        exhaustedS = exhaustion?.onsetS(from: onsetS - thresholds.reopenWithinS, to: endS)
    }

    var isBusy: Bool { during?.cores.map { $0 >= thresholds.busyCores } ?? false }

    /// The CPU is idle, or hardly used any more.
    var isIdle: Bool {
        guard let cores = during?.cores else { return false }
        if cores < thresholds.idleCores { return true }
        return before?.cores.map { cores <= thresholds.idleShareOfBefore * $0 } ?? false
    }

    /// Hardly any thread is scheduled any more, as far as that is known.
    var hasCeased: Bool {
        guard let switches = during?.switchesPerS else { return true }
        if switches < thresholds.idleSwitchesPerS { return true }
        return before?.switchesPerS.map { switches < thresholds.switchesShareOfBefore * $0 } ?? false
    }

    /// What the server itself counts, when the freeze began and now; nil when it does not say.
    var ownCount: (before: Int, now: Int)? {
        guard let during, let now = during.last.accountsOnline, let before = during.first.accountsOnline else {
            return nil
        }
        return (before, now)
    }

    var countMoves: Bool {
        ownCount.map { abs(Double($0.now) - Double($0.before)) > Double(thresholds.countMoves) } ?? false
    }
}

/// The class, and whom it is about.
struct FreezeJudgement: Sendable {
    var freezeClass: FreezeClass
    var culprit: FreezeView?
    /// What speaks against the class, or keeps it from being another, in words.
    var against: [String] = []

    init(
        _ views: [FreezeView], machineCores: Double?, onsetS: Double, processors: Int,
        thresholds: DiagnosisThresholds
    ) {
        let known = views.filter { $0.during?.cores != nil }
        let hubs = known.filter { $0.history.role != .messages }
        let busiest = known.max { ($0.during?.cores ?? 0) < ($1.during?.cores ?? 0) }
        let isMachineFull =
            processors > 0
            && machineCores.map { $0 >= thresholds.busyShareOfMachine * Double(processors) } ?? false
        let isPausedStill = views.first { $0.isStopped || ($0.wasStopped && $0.during == nil) }
        let exhausted = views.first {
            $0.exhaustedS.map { $0 <= onsetS + thresholds.exhaustionAfterFreezeS } ?? false
        }
        if let isPausedStill {
            (freezeClass, culprit) = (.paused, isPausedStill)
        } else if let exhausted {
            (freezeClass, culprit) = (.exhausted, exhausted)
        } else if let busiest, busiest.isBusy || isMachineFull {
            (freezeClass, culprit) = (.overload, busiest)
            if !busiest.isBusy {
                against = ["\(busiest.history.name) uses only \((busiest.during?.cores ?? 0).hundredths) cores itself"]
            }
        } else if !hubs.isEmpty, hubs.allSatisfy({ $0.isIdle && $0.hasCeased && !$0.countMoves }) {
            (freezeClass, culprit) = (.deadlockSuspected, hubs.min { $0.history.number < $1.history.number })
            if hubs.contains(where: { $0.during?.switchesPerS == nil }) {
                against = ["context switches are not known; the CPU alone says idle"]
            }
        } else if let late = views.first(where: { $0.exhaustedS != nil }) {
            (freezeClass, culprit) = (.exhausted, late)
        } else {
            (freezeClass, culprit) = (.unknown, busiest ?? views.first)
            against = Self.doubts(views: views, hubs: hubs)
        }
    }

    private static func doubts(views: [FreezeView], hubs: [FreezeView]) -> [String] {
        guard !hubs.isEmpty else { return ["the server's CPU time is not known"] }
        return hubs.compactMap { view in
            let name = view.history.name
            if !view.isIdle {
                return "\(name) is neither idle nor busy (\((view.during?.cores ?? 0).hundredths) cores)"
            }
            if !view.hasCeased {
                return "\(name) still switches threads (\((view.during?.switchesPerS ?? 0).count) a second)"
            }
            if view.countMoves, let count = view.ownCount {
                return "the count of \(name) still moves (\(count.before) → \(count.now))"
            }
            return nil
        }
    }
}
