import Histogram
import LoadMetrics
import Testing

@Suite struct HistogramLayoutTests {
    @Test func everySlotHoldsItsOwnLowestValue() {
        let wrong = (0..<HistogramLayout.slotCount).filter {
            HistogramLayout.slot(ofUs: HistogramLayout.lowestUs(inSlot: $0)) != $0
        }
        #expect(wrong.isEmpty)
    }

    @Test func slotsAreThoseOfThePackage() {
        let package = Histogram<UInt64>(
            lowestDiscernibleValue: 1, highestTrackableValue: HistogramLayout.highestUs,
            numberOfSignificantValueDigits: .three)
        let wrong = (1..<HistogramLayout.slotCount).filter { slot in
            let lowest = HistogramLayout.lowestUs(inSlot: slot)
            return package.lowestEquivalentForValue(lowest) != lowest
                || package.highestEquivalentForValue(lowest - 1) != lowest - 1
        }
        #expect(wrong.isEmpty)
    }

    @Test func theHighestValueHasASlot() {
        #expect(HistogramLayout.slot(ofUs: HistogramLayout.highestUs) < HistogramLayout.slotCount)
    }

    @Test(
        arguments: [
            (0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (2000, 2), (600_000_000_000, 600_000_000),
        ] as [(Int64, UInt64)])
    func nanosecondsRoundUpToMicroseconds(ns: Int64, us: UInt64) {
        #expect(HistogramLayout.microseconds(fromNs: ns) == us)
    }

    @Test(arguments: [-1, Int64.min, 600_000_000_001, .max])
    func whatIsOutOfRangeHasNoMicroseconds(ns: Int64) {
        #expect(HistogramLayout.microseconds(fromNs: ns) == nil)
    }
}
