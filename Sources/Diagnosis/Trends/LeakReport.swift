/// Words and numbers of a leak.
struct LeakReport: Sendable {
    var kind: String
    var trend: Trend
    /// The stretch that the trend is of.
    var points: [TrendPoint]
    /// Other kinds that grow, with their slopes.
    var alsoGrowing: [String]
    var name: String

    func finding(atS: Double) -> Finding {
        var evidence = [
            "source": name,
            "kind": kind,
            "slope_per_s": trend.slope.digits,
            "growth": trend.growth.count.description,
            "held_before": trend.from.count.description,
            "growth_from_s": (points.first?.atS ?? atS).tenths,
        ]
        evidence["held"] = points.last?.unexplained[kind].map { String($0.count) }
        evidence["also_growing"] = alsoGrowing.isEmpty ? nil : alsoGrowing.joined(separator: ", ")
        var cause = ""
        if let perMessage = slope(per: \.messages) {
            evidence["slope_per_1000_messages"] = (1000 * perMessage).digits
            evidence["messages"] = counted(\.messages)
            cause = ", \((1000 * perMessage).digits) per 1,000 messages"
        }
        if let perDisconnect = slope(per: \.disconnects) {
            evidence["slope_per_1000_disconnects"] = (1000 * perDisconnect).digits
            evidence["disconnects"] = counted(\.disconnects)
            if cause.isEmpty { cause = ", \((1000 * perDisconnect).digits) per 1,000 disconnects" }
        }
        var left = ""
        if let last = points.last, let limit = last.limit, let descriptors = last.descriptors, trend.slope > 0 {
            let leftS = max(0, limit - descriptors) / trend.slope
            evidence["fds"] = String(descriptors.count)
            evidence["fd_limit"] = String(limit.count)
            evidence["limit_reached_in_s"] = String(leftS.count)
            left = "; the limit of \(limit.count) is \(leftS.duration) away"
        }
        evidence["against"] = against
        let what =
            kind == TrendPoint.anyKind
            ? "\(name) leaks descriptors" : "\(name) leaks descriptors of kind \(kind)"
        return Finding(
            kind: .descriptorLeak, severity: .critical, onsetS: atS,
            summary: "\(what): \(trend.slope.rate)\(cause)\(left)", evidence: evidence)
    }

    private var against: String? {
        guard let first = points.first, let last = points.last else { return nil }
        guard let before = first.load, let after = last.load else { return "no load of ours is known to go with it" }
        let rise = after.connected - before.connected
        return rise >= 1
            ? "our connections rose by \(rise.count) meanwhile" : nil
    }

    private static let fewestEvents = 50.0
    private static let pairedPoints = 60

    /// Growth per event of our load; nil when there were hardly any.
    private func slope(per field: KeyPath<LoadPoint, Double>) -> Double? {
        let pairs = points.compactMap { point in
            point.load.map { (x: $0[keyPath: field], y: point.unexplained[kind] ?? 0) }
        }
        guard let first = pairs.first, let last = pairs.last, last.x - first.x >= Self.fewestEvents else { return nil }
        let every = 1 + pairs.count / Self.pairedPoints
        let thinned = pairs.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element)
        return Trend.slope(x: thinned.map(\.x), y: thinned.map(\.y)).map { max(0, $0) }
    }

    private func counted(_ field: KeyPath<LoadPoint, Double>) -> String? {
        guard let before = points.first?.load, let after = points.last?.load else { return nil }
        return String((after[keyPath: field] - before[keyPath: field]).count)
    }
}

extension Double {
    /// Seconds in the unit that people would use.
    var duration: String {
        switch self {
        case ..<120: "\(count) s"
        case ..<7200: "\((self / 60).count) min"
        case ..<172_800: "\((self / 3600).count) h"
        default: "\((self / 86_400).count) days"
        }
    }
}
