internal import LoadMetrics

/// Watches for connections that a server holds and we do not: what an abrupt drop leaves behind.
///
/// Every connection on the port of the sources of one role is counted against our accounts. Of the user's own server
/// that is done only when the two agreed at first; before that somebody else may be connected as well.
struct GhostWatch: Sendable {
    static let kind = "tcp:ESTABLISHED (ghosts)"

    private let role: WatchedSource.Role
    private let thresholds: DiagnosisThresholds
    private var history: ServerHistory
    private var watch: TrendWatch
    private var judgedToS = -Double.infinity
    private var agreements = 0
    private var disagrees = false

    private static let agreementsNeeded = 2
    /// Samples of several processes of one second lie this close together, seconds.
    private static let togetherS = 1.5

    init(role: WatchedSource.Role, thresholds: DiagnosisThresholds) {
        self.role = role
        self.thresholds = thresholds
        history = ServerHistory(number: -1)
        watch = TrendWatch(thresholds: thresholds)
    }

    var findings: [Finding] { watch.findings }

    mutating func judge(
        horizonS: Double, heldUpSinceS: Double?, isFrozen: Bool, _ histories: [Int: ServerHistory], _ load: LoadHistory
    ) {
        guard horizonS > judgedToS, !load.isEmpty, !disagrees else { return }
        defer { judgedToS = horizonS }
        let sources = histories.values.filter { $0.role == role && $0.source?.port != nil }
        guard !sources.isEmpty else { return }
        var sum = ServerSample(source: -1, atS: -.infinity)
        var established = 0.0
        for source in sources {
            guard let sample = source.latest(upTo: horizonS), sample.atS > horizonS - Self.togetherS,
                let connections = sample.connections
            else { return }
            established += Double(connections["ESTABLISHED"] ?? 0)
            sum.atS = max(sum.atS, sample.atS)
            // Any restart among them begins the series anew.
            sum.pid = (sum.pid ?? 0) &+ (sample.pid ?? 0)
            guard sources.count == 1 else { continue }
            sum.descriptors = sample.descriptors
            sum.descriptorLimit = source.limit(of: sample)
        }
        guard sum.atS > judgedToS else { return }
        let ours = load.point(atS: sum.atS).connected
        guard ours > 0 || established > 0 else { return }
        if role == .watched, agreements < Self.agreementsNeeded {
            let allowed = max(thresholds.ghostsAgreeAccounts, thresholds.ghostsAgreeShare * ours)
            disagrees = abs(established - ours) > allowed
            agreements += 1
            return
        }
        sum.descriptorsByKind = [Self.kind: max(0, established - ours).count]
        name(sources)
        history.insert(sum)
        watch.judge(
            horizonS: horizonS, heldUpSinceS: heldUpSinceS, isFrozen: isFrozen, history, load)
    }

    private mutating func name(_ sources: [ServerHistory]) {
        guard history.source == nil else { return }
        let names = sources.map(\.name).sorted().joined(separator: ", ")
        history.source = WatchedSource(number: -1, kind: .process, role: role, name: names)
    }
}
