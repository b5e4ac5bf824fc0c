import Histogram
import LoadMetrics
import Testing

@Suite struct TimingHistogramTests {
    @Test func emptyHasNothingToSay() {
        let histogram = TimingHistogram()
        #expect(histogram.isEmpty)
        #expect(histogram.count == 0 && histogram.minUs == 0 && histogram.maxUs == 0 && histogram.meanUs == 0)
        #expect(histogram.percentileUs(50) == 0)
    }

    @Test func percentilesAreExactWhereTheLayoutIs() {
        var histogram = TimingHistogram()
        for us in 1...1000 { histogram.record(ns: Int64(us) * 1000) }
        #expect(histogram.count == 1000)
        #expect(histogram.minUs == 1 && histogram.maxUs == 1000)
        #expect(histogram.percentileUs(50) == 500)
        #expect(histogram.percentileUs(99) == 990)
        #expect(histogram.percentileUs(99.9) == 999)
        #expect(histogram.percentileUs(100) == 1000)
        #expect(abs(histogram.meanUs - 500.5) < 0.01)
    }

    @Test func outOfRangeIsRecordedAtTheEndAndSaid() {
        var histogram = TimingHistogram()
        let inRange = [600_000_000_000, 600_000_000_001, -1].map { histogram.record(ns: $0) }
        #expect(inRange == [true, false, false])
        #expect(histogram.count == 3)
        #expect(histogram.minUs == 1)
        #expect(abs(Double(histogram.maxUs) - 6e8) < 6e8 / 1000)
    }

    @Test func mergingEqualsRecordingTogether() {
        var random = SeededRandom(1)
        var (left, right, both) = (TimingHistogram(), TimingHistogram(), TimingHistogram())
        for _ in 0..<5000 {
            let ns = Int64.random(in: 0...Int64(1) << Int64.random(in: 1...39, using: &random), using: &random)
            if Bool.random(using: &random) { left.record(ns: ns) } else { right.record(ns: ns) }
            both.record(ns: ns)
        }
        var merged = left
        merged.merge(right)
        #expect(merged == both, "seed \(SeededRandom.seed)")
        var reversed = right
        reversed.merge(left)
        #expect(reversed == both)
        merged.merge(TimingHistogram())
        #expect(merged == both)
    }

    @Test func aCopyIsIndependent() {
        var histogram = TimingHistogram()
        histogram.record(ns: 5000)
        let copy = histogram
        histogram.record(ns: 9000)
        #expect(copy.count == 1 && histogram.count == 2)
        #expect(TimingHistogram().isEmpty)
    }
}
