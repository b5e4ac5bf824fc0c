internal import Histogram

/// Durations in whole microseconds, 1 µs to 10 min at three significant digits, in an HdrHistogram.
///
/// This is the histogram of everything after the hot path: decoded, merged, asked for percentiles. All have one
/// configuration (`HistogramLayout`), so merging is exact and never fails.
package struct TimingHistogram: Equatable, Sendable {
    private var histogram = Self.empty

    /// Copied rather than built: the package's initialiser is generic code that is not specialised here, a copy is
    /// one block copy at the first record.
    private static let empty = Histogram<UInt64>(
        lowestDiscernibleValue: HistogramLayout.lowestUs, highestTrackableValue: HistogramLayout.highestUs,
        numberOfSignificantValueDigits: .three)

    package init() {}

    package var isEmpty: Bool { histogram.totalCount == 0 }
    package var count: Int { Int(clamping: histogram.totalCount) }

    /// Records a duration in nanoseconds, rounded up to whole microseconds.
    /// - Returns: false when it was out of range and was recorded at the range's end.
    @discardableResult
    package mutating func record(ns: Int64) -> Bool {
        guard let us = HistogramLayout.microseconds(fromNs: ns) else {
            histogram.record(ns < 0 ? HistogramLayout.lowestUs : HistogramLayout.highestUs)
            return false
        }
        histogram.record(us)
        return true
    }

    /// Adds `count` durations to a slot.
    ///
    /// Precondition: `slot` < `HistogramLayout.slotCount`.
    package mutating func add(count: UInt64, toSlot slot: Int) {
        // The slot of 0 µs exists in the layout though nothing of ours is recorded there; histograms of others may use
        // it.
        histogram.record(HistogramLayout.lowestUs(inSlot: slot), count: count)
    }

    package mutating func merge(_ other: TimingHistogram) {
        histogram.add(other.histogram)
    }

    /// Every slot in use, ascending.
    package func forEachSlot(_ body: (_ slot: Int, _ count: UInt64) -> Void) {
        for recorded in histogram.recordedValues() {
            body(HistogramLayout.slot(ofUs: recorded.value), recorded.count)
        }
    }
}

extension TimingHistogram {
    /// Microseconds; exact to three digits.
    ///
    /// 0 when empty, as are all below.
    package var minUs: Int { isEmpty ? 0 : Int(clamping: histogram.min) }

    /// Microseconds: the highest value that counts as equal to the largest recorded one.
    package var maxUs: Int { Int(clamping: histogram.max) }

    /// Microseconds, from the middle of each slot.
    package var meanUs: Double { histogram.mean }

    /// The largest value that `percent` % of the durations do not exceed, microseconds.
    package func percentileUs(_ percent: Double) -> Int {
        percent >= 100 ? maxUs : Int(clamping: histogram.valueAtPercentile(percent))
    }
}
