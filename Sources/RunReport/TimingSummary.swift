package import LoadMetrics

/// One timing over the whole run, in microseconds.
///
/// Percentiles are those of an HdrHistogram at three digits: the highest value that counts as equal. `p999` of fewer
/// than a thousand samples would be the maximum under another name, so it is absent.
package struct TimingSummary: Codable, Equatable, Sendable {
    /// Samples that `p999` needs.
    package static let p999Samples = 1000

    package var count: Int
    package var min: Int
    package var mean: Double
    package var p50: Int
    package var p90: Int
    package var p95: Int
    package var p99: Int
    package var p999: Int?
    package var max: Int
    /// HdrHistogram V2, compressed, base64; begins with `HISTFAAA`.
    package var hdr: String

    /// Precondition: `histogram` is not empty.
    package init(_ histogram: TimingHistogram) {
        count = histogram.count
        min = histogram.minUs
        mean = (histogram.meanUs * 10).rounded() / 10
        p50 = histogram.percentileUs(50)
        p90 = histogram.percentileUs(90)
        p95 = histogram.percentileUs(95)
        p99 = histogram.percentileUs(99)
        p999 = histogram.count < Self.p999Samples ? nil : histogram.percentileUs(99.9)
        max = histogram.maxUs
        hdr = CompressedHistogram.encode(histogram)
    }
}
