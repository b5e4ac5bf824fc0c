internal import LoadMetrics

/// What a source held at a moment, beside what our accounts had done by then.
struct TrendPoint: Sendable {
    var atS: Double
    /// nil when no load of ours is known at all.
    var load: LoadPoint?
    var limit: Double?
    var descriptors: Double?
    /// By kind, without those that connections of the source's port account for.
    var unexplained: [String: Double]
    /// Connections of the source's port.
    var established: Double?
    var residentKiB: Double?

    /// The kind's name when the kinds are not known.
    static let anyKind = "any kind"
    static let establishedKind = "tcp:ESTABLISHED"

    init(_ sample: ServerSample, of history: ServerHistory, load: LoadPoint?) {
        atS = sample.atS
        self.load = load
        limit = history.limit(of: sample).map(Double.init)
        descriptors = sample.descriptors.map(Double.init)
        established = sample.connections.map { Double($0["ESTABLISHED"] ?? 0) }
        residentKiB = sample.residentKiB.map(Double.init)
        if let kinds = sample.descriptorsByKind {
            unexplained = kinds.mapValues(Double.init)
            if let held = unexplained[Self.establishedKind] {
                unexplained[Self.establishedKind] = max(0, held - (established ?? 0))
            }
        } else if history.knowsKinds {
            // Of a large process the kinds are counted only now and then.
            unexplained = [:]
        } else if let descriptors {
            // Behind a metrics address the connections are not known; ours are among them if it is what we load.
            let explained = established ?? (history.role == .messages ? 0 : load?.connected ?? 0)
            unexplained = [Self.anyKind: max(0, descriptors - explained)]
        } else {
            unexplained = [:]
        }
    }
}

/// The points of one process: the latest as they are, all of them thinned out evenly, so that a run of days stays
/// within bounds.
struct TrendSeries: Sendable {
    private(set) var recent: [TrendPoint] = []
    private var whole: [TrendPoint] = []
    private var stride = 1
    private var sinceKept = 0
    private let thresholds: DiagnosisThresholds

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    mutating func append(_ point: TrendPoint) {
        recent.append(point)
        if recent.count > thresholds.recentPoints { recent.removeFirst() }
        sinceKept += 1
        guard sinceKept >= stride else { return }
        sinceKept = 0
        whole.append(point)
        guard whole.count >= thresholds.wholePoints else { return }
        whole = whole.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        stride *= 2
    }

    mutating func removeAll() {
        self = TrendSeries(thresholds: thresholds)
    }

    /// The fewest and the most of a kind that there were before; nil when it was not looked at.
    func range(_ kind: String, beforeS: Double) -> ClosedRange<Double>? {
        var range: ClosedRange<Double>?
        for point in whole + recent where point.atS < beforeS {
            let value = point.unexplained[kind] ?? 0
            range = min(range?.lowerBound ?? value, value)...max(range?.upperBound ?? value, value)
        }
        return range
    }

    /// Stretches that end now, the longest first, none shorter than `lastsS`.
    func stretches(lastingS: Double) -> [[TrendPoint]] {
        guard let last = recent.last, let first = recent.first else { return [] }
        var stretches: [[TrendPoint]] = []
        if let start = whole.first, start.atS < first.atS { stretches.append(whole) }
        stretches.append(recent)
        var lengthS = (last.atS - first.atS) / 2
        while lengthS > lastingS {
            stretches.append(recent.filter { $0.atS >= last.atS - lengthS })
            lengthS /= 2
        }
        // A little longer than asked for, because a sample may be missing.
        stretches.append(recent.filter { $0.atS >= last.atS - lastingS - 1.5 })
        return stretches.filter { stretch in
            guard let start = stretch.first, let end = stretch.last else { return false }
            return end.atS - start.atS >= lastingS - 0.01
        }
    }
}

extension [TrendPoint] {
    /// The load itself rose so much and so steadily over these points that it may account for `growth`.
    ///
    /// - Parameter countsPort: other people's connections on the port are load too.
    func loadExplains(growth: Double, countsPort: Bool, thresholds: DiagnosisThresholds) -> Bool {
        if rises(growth: growth, thresholds, { $0.load?.connected }) { return true }
        if countsPort, rises(growth: growth, thresholds, { $0.established }) { return true }
        return messageRateRises(thresholds)
    }

    private func rises(
        growth: Double, _ thresholds: DiagnosisThresholds, _ value: (TrendPoint) -> Double?
    ) -> Bool {
        let values = compactMap(value)
        guard values.count >= 8 else { return false }
        let quarter = values.count / 4
        let rise = values[(values.count - quarter)...].median - values[..<quarter].median
        return rise >= thresholds.loadGrowthShare * growth && Trend.tau(values) >= thresholds.loadRisingTau
    }

    private func messageRateRises(_ thresholds: DiagnosisThresholds) -> Bool {
        guard count >= 8, let start = first, let end = last, let before = start.load, let after = end.load else {
            return false
        }
        let middle = self[count / 2]
        guard let between = middle.load else { return false }
        let (earlier, later) = (between.messages - before.messages, after.messages - between.messages)
        let (earlierS, laterS) = (middle.atS - start.atS, end.atS - middle.atS)
        guard earlierS > 0, laterS > 0 else { return false }
        // Three standard deviations of counts that are random.
        let byChance = 3 * (earlier + later).squareRoot()
        return later / laterS >= thresholds.messageRateRise * earlier / earlierS
            && later - earlier * laterS / earlierS > byChance
    }
}
