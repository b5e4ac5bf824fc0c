/// Where a value lies in the counts of an HdrHistogram with the one configuration that all of gatecrash uses: 1 µs to
/// 10 min, three significant digits.
///
/// One configuration for all makes every merge exact.
///
/// The arithmetic is HdrHistogram's own (`subBucketCount` 2048, unit magnitude 0); the tests hold it against the
/// package's. It is needed apart from the package because the V2 encoding speaks of slots, and because the recorder's
/// counts are plain memory.
package enum HistogramLayout {
    /// Microseconds.
    package static let lowestUs: UInt64 = 1
    /// Ten minutes in microseconds.
    package static let highestUs: UInt64 = 600_000_000
    package static let significantDigits = 3
    /// Slots that 2048 × 2^19 needs: 21 half buckets of 1024.
    package static let slotCount = 21 * 1024

    /// The slot that counts `value`.
    ///
    /// Precondition: `value` ≤ `highestUs`.
    @inlinable
    package static func slot(ofUs value: UInt64) -> Int {
        let bucket = 53 - (value | 2047).leadingZeroBitCount
        return (bucket &<< 10) &+ Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: bucket))
    }

    /// The lowest value that is counted in `slot`, microseconds.
    @inlinable
    package static func lowestUs(inSlot slot: Int) -> UInt64 {
        let bucket = max(slot >> 10, 1) - 1
        return UInt64(slot - bucket << 10) << UInt64(bucket)
    }

    /// Whole microseconds, rounded up, so that nothing that took time reads 0; nil beyond the range or negative.
    @inlinable
    package static func microseconds(fromNs ns: Int64) -> UInt64? {
        guard ns >= 0 else { return nil }
        guard ns > 1000 else { return 1 }
        let us = (UInt64(bitPattern: ns) &- 1) / 1000 &+ 1
        return us <= highestUs ? us : nil
    }
}
