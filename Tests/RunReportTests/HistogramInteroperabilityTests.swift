import Foundation
import LoadMetrics
import RunReport
import Testing

/// Our histograms against the HdrHistogram implementation of PyPI, both ways.
@Suite(
    .enabled(
        if: Python.canImport("hdrh"),
        "\(Python.interpreter) has no 'hdrh' (pip install hdrhistogram); GATECRASH_PYTHON names another interpreter"))
struct HistogramInteroperabilityTests {
    private struct Figures: Codable, Equatable {
        var total: Int
        var min: Int
        var max: Int
        var percentiles: [Int]
    }

    private static let percents = [1.0, 25, 50, 90, 95, 99, 99.9, 99.99, 100]

    private static let values: [Int64] = {
        var state: UInt64 = 7
        return (0..<20_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // From a microsecond to ten minutes, about equally many in each power of two.
            return Int64(state >> 33) % (Int64(1) << Int64(state >> 59)) % 599_999_999 + 1
        }
    }()

    private func ours() -> TimingHistogram {
        var histogram = TimingHistogram()
        for us in Self.values { histogram.record(ns: us * 1000) }
        return histogram
    }

    private func figures(_ histogram: TimingHistogram) -> Figures {
        Figures(
            total: histogram.count, min: histogram.minUs, max: histogram.maxUs,
            percentiles: Self.percents.map { histogram.percentileUs($0) })
    }

    @Test func theirsDecodesOurs() throws {
        let histogram = ours()
        let text = CompressedHistogram.encode(histogram)
        #expect(text.hasPrefix("HISTFAAA"))
        let result = try Python.run(
            """
            import sys, json
            from hdrh.histogram import HdrHistogram
            h = HdrHistogram.decode(sys.stdin.read().strip())
            print(json.dumps({"total": h.get_total_count(), "min": h.get_min_value(), "max": h.get_max_value(),
                "percentiles": [h.get_value_at_percentile(p) for p in \(Self.percents)]}))
            """, input: text)
        #expect(result.status == 0, "\(result.error)")
        let theirs = try JSONDecoder().decode(Figures.self, from: Data(result.output.utf8))
        let own = figures(histogram)
        #expect(theirs.total == own.total)
        #expect(theirs.percentiles == own.percentiles)
        // Some implementations name the lowest, some the highest value of the outermost slots: the same slot it must
        // be.
        #expect(slot(theirs.max) == slot(own.max) && slot(theirs.min) == slot(own.min))
    }

    @Test(arguments: [600_000_000, 3_600_000_000])
    func oursDecodesTheirs(highest: Int) throws {
        let result = try Python.run(
            """
            import sys
            from hdrh.histogram import HdrHistogram
            h = HdrHistogram(1, \(highest), 3)
            for line in sys.stdin:
                h.record_value(int(line))
            print(h.encode().decode())
            """, input: Self.values.map { "\($0)\n" }.joined())
        #expect(result.status == 0, "\(result.error)")
        let decoded = try CompressedHistogram.decode(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(HistogramCodec.encode(decoded) == HistogramCodec.encode(ours()))
    }

    private func slot(_ us: Int) -> Int { HistogramLayout.slot(ofUs: UInt64(us)) }
}
