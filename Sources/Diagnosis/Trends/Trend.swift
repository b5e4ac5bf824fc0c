/// A steady growth of one quantity over another.
///
/// The slope is Theil's and Sen's, the median of the slopes between all pairs of points, which a third of wild points
/// cannot bend. Steadiness is asked for three times over, because a slope alone is no leak: nearly all pairs rise
/// (Mann and Kendall), every quarter of the stretch does its share, and the latest quarter has nothing in common with
/// the first. Steps, waves, and pools that level off fail one of them.
struct Trend: Equatable, Sendable {
    /// Per unit of x.
    let slope: Double
    /// Over the stretch, by the medians of its first and last quarter.
    let growth: Double
    /// Medians of the first and the last quarter.
    let from: Double
    let to: Double

    /// nil when the points, in the order of x, do not grow steadily, or by less than `leastGrowth(from)`.
    init?(
        x: [Double], y: [Double], thresholds: DiagnosisThresholds, leastGrowth: (_ from: Double) -> Double
    ) {
        let count = min(x.count, y.count)
        guard count >= Self.fewestPoints, let firstX = x.first, x[count - 1] > firstX else { return nil }
        let quarters = (0..<4).map { quarter -> (x: Double, y: Double, low: Double, high: Double) in
            let range = (quarter * count / 4)..<((quarter + 1) * count / 4)
            let part = y[range]
            return (x[range].median, part.median, part.min() ?? 0, part.max() ?? 0)
        }
        let spanX = quarters[3].x - quarters[0].x
        from = quarters[0].y
        to = quarters[3].y
        guard spanX > 0, to > from else { return nil }
        let rate = (to - from) / spanX
        growth = rate * (x[count - 1] - firstX)
        guard growth >= leastGrowth(from), quarters[3].low > quarters[0].high else { return nil }
        for index in 1..<4 {
            let stepX = quarters[index].x - quarters[index - 1].x
            let least = index == 3 ? thresholds.latestQuarterShare : thresholds.quarterShare
            let most = thresholds.steepestQuarterShare
            let share = (quarters[index].y - quarters[index - 1].y) / (rate * stepX)
            guard stepX > 0, share >= least, share <= most else { return nil }
        }
        let every = (count + thresholds.pairedPoints - 1) / max(1, thresholds.pairedPoints)
        let paired = Swift.stride(from: count - 1, through: 0, by: -max(1, every)).reversed()
        guard let slope = Self.steadySlope(paired.map { x[$0] }, paired.map { y[$0] }, thresholds) else { return nil }
        self.slope = slope
        let middle = (x[..<count].median, y[..<count].median)
        let scatter = (0..<count).map { abs(y[$0] - middle.1 - slope * (x[$0] - middle.0)) }[...].median
        guard growth >= thresholds.growthOverNoise * Self.deviationsPerMedian * scatter else { return nil }
    }

    private static let fewestPoints = 12
    /// Standard deviation over median absolute deviation of a normal distribution.
    private static let deviationsPerMedian = 1.4826

    private static func steadySlope(
        _ x: [Double], _ y: [Double], _ thresholds: DiagnosisThresholds
    ) -> Double? {
        let count = x.count
        var slopes: [Double] = []
        slopes.reserveCapacity(count * (count - 1) / 2)
        var (rising, falling) = (0, 0)
        for right in 1..<count {
            for left in 0..<right where x[right] > x[left] {
                let rise = y[right] - y[left]
                if rise > 0 { rising += 1 } else if rise < 0 { falling += 1 }
                slopes.append(rise / (x[right] - x[left]))
            }
        }
        // Whole numbers that grow slowly tie often; but most pairs must rise.
        guard Double(rising) >= thresholds.risingShare * Double(rising + falling), 2 * rising >= slopes.count else {
            return nil
        }
        return slopes[...].median
    }

    /// Theil's and Sen's slope alone, of points in any order; nil without two different x.
    static func slope(x: [Double], y: [Double]) -> Double? {
        var slopes: [Double] = []
        for right in 1..<max(1, min(x.count, y.count)) {
            for left in 0..<right where x[right] != x[left] {
                slopes.append((y[right] - y[left]) / (x[right] - x[left]))
            }
        }
        return slopes.isEmpty ? nil : slopes[...].median
    }

    /// Kendall's tau: share of rising pairs less share of falling ones, −1…1; 0 of constants.
    static func tau(_ y: [Double]) -> Double {
        var (sum, pairs) = (0, 0)
        for right in y.indices.dropFirst() {
            for left in 0..<right {
                sum += y[right] > y[left] ? 1 : y[right] < y[left] ? -1 : 0
                pairs += 1
            }
        }
        return pairs == 0 ? 0 : Double(sum) / Double(pairs)
    }
}

extension ArraySlice<Double> {
    /// The middle value, the mean of both of an even number; 0 of none.
    var median: Double {
        let sorted = sorted()
        guard let last = sorted.last else { return 0 }
        let middle = sorted.count / 2
        if sorted.count == 1 { return last }
        return sorted.count.isMultiple(of: 2) ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
    }
}
