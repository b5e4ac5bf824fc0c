/// Gathers what one shard does during one interval.
///
/// Owned by the shard's engine and used from its thread alone. Everything touched per message lies behind `let`
/// pointers: recording allocates nothing, counts no references and pays no exclusivity check. A second's worth is
/// turned into an `Interval` by `makeInterval`, which also starts the next one.
package final class IntervalRecorder {
    /// Which part of a timing's slots is in use, so that encoding and clearing touch nothing else.
    @usableFromInline
    struct Extent {
        @usableFromInline var lowest = HistogramLayout.slotCount
        @usableFromInline var highest = -1
        @usableFromInline init() {}
    }

    /// Add to these directly: `recorder.counters.pointee.asked += 1`.
    package let counters: UnsafeMutablePointer<Counters>
    /// `HistogramLayout.slotCount` counts for each timing; 32 bits hold more events than an interval can.
    @usableFromInline let slots: UnsafeMutablePointer<UInt32>
    @usableFromInline let extents: UnsafeMutablePointer<Extent>
    /// Outcomes without a code, by `Outcome.Kind.rawValue`.
    @usableFromInline let plainOutcomes: UnsafeMutablePointer<Int>
    /// Clean closes with 1000: by us, by the peer.
    @usableFromInline let normalCloses: UnsafeMutablePointer<Int>

    private var codedOutcomes: [Outcome: Int] = [:]
    private var otherCloses: [CloseKey: Int] = [:]

    private struct CloseKey: Hashable {
        var code: UInt16
        var byPeer: Bool
    }

    private static let timings = Timing.allCases
    private static let kinds = Outcome.Kind.allCases
    private static let kindSlugs = kinds.map(\.slug)
    /// A peer chooses its status and close codes; beyond this many different ones in an interval the rest are counted
    /// without their code, so that it cannot make the report grow as it likes.
    static let distinctCodeLimit = 256

    package init() {
        counters = .allocate(capacity: 1)
        counters.initialize(to: Counters())
        let slotTotal = Self.timings.count * HistogramLayout.slotCount
        slots = .allocate(capacity: slotTotal)
        slots.initialize(repeating: 0, count: slotTotal)
        extents = .allocate(capacity: Self.timings.count)
        extents.initialize(repeating: Extent(), count: Self.timings.count)
        plainOutcomes = .allocate(capacity: Self.kinds.count)
        plainOutcomes.initialize(repeating: 0, count: Self.kinds.count)
        normalCloses = .allocate(capacity: 2)
        normalCloses.initialize(repeating: 0, count: 2)
    }

    deinit {
        counters.deallocate()
        slots.deallocate()
        extents.deallocate()
        plainOutcomes.deallocate()
        normalCloses.deallocate()
    }

    /// Records a duration in nanoseconds as whole microseconds, rounded up.
    ///
    /// One beyond the range (or negative, which a monotonic clock never yields) is recorded at the range's end and
    /// counted in `timingsOutOfRange`.
    @inlinable
    package func record(_ timing: Timing, ns: Int64) {
        let us: UInt64
        if let inRange = HistogramLayout.microseconds(fromNs: ns) {
            us = inRange
        } else {
            us = ns < 0 ? HistogramLayout.lowestUs : HistogramLayout.highestUs
            counters.pointee.timingsOutOfRange &+= 1
        }
        let row = Int(timing.rawValue)
        let slot = HistogramLayout.slot(ofUs: us)
        slots[row &* HistogramLayout.slotCount &+ slot] &+= 1
        if slot < extents[row].lowest { extents[row].lowest = slot }
        if slot > extents[row].highest { extents[row].highest = slot }
    }

    /// Counts how an iteration ended.
    @inlinable
    package func count(_ outcome: Outcome) {
        if outcome.code == 0 {
            plainOutcomes[Int(outcome.kind.rawValue)] &+= 1
        } else {
            countCoded(outcome)
        }
    }

    /// Counts a closing handshake by its code (1005: the close frame held none) and by who began it.
    @inlinable
    package func countClose(code: UInt16, byPeer: Bool) {
        if code == 1000 {
            normalCloses[byPeer ? 1 : 0] &+= 1
        } else {
            countOtherClose(code: code, byPeer: byPeer)
        }
    }

    @usableFromInline
    func countCoded(_ outcome: Outcome) {
        if codedOutcomes.count >= Self.distinctCodeLimit, codedOutcomes[outcome] == nil {
            plainOutcomes[Int(outcome.kind.rawValue)] &+= 1
        } else {
            codedOutcomes[outcome, default: 0] += 1
        }
    }

    @usableFromInline
    func countOtherClose(code: UInt16, byPeer: Bool) {
        var key = CloseKey(code: code, byPeer: byPeer)
        if otherCloses.count >= Self.distinctCodeLimit, otherCloses[key] == nil { key.code = 0 }
        otherCloses[key, default: 0] += 1
    }

    /// Everything recorded since the last call, with the phases, the generator's sample and the examples left for the
    /// engine to fill in; recording starts anew.
    ///
    /// Times in seconds since the run's start.
    package func makeInterval(shard: Int, sequence: Int, startS: Double, endS: Double) -> Interval {
        var interval = Interval(shard: shard, sequence: sequence, startS: startS, endS: endS)
        interval.counters = counters.pointee
        counters.pointee = Counters()
        takeOutcomes(into: &interval)
        takeCloseCodes(into: &interval)
        takeTimings(into: &interval)
        return interval
    }

    private func takeOutcomes(into interval: inout Interval) {
        for (kind, slug) in zip(Self.kinds, Self.kindSlugs) where plainOutcomes[Int(kind.rawValue)] > 0 {
            interval.outcomes[slug] = plainOutcomes[Int(kind.rawValue)]
            plainOutcomes[Int(kind.rawValue)] = 0
        }
        for (outcome, count) in codedOutcomes { interval.outcomes[outcome.slug] = count }
        codedOutcomes.removeAll(keepingCapacity: true)
    }

    private func takeCloseCodes(into interval: inout Interval) {
        if normalCloses[0] > 0 { interval.closeCodes["by_us:1000"] = normalCloses[0] }
        if normalCloses[1] > 0 { interval.closeCodes["by_peer:1000"] = normalCloses[1] }
        normalCloses.update(repeating: 0, count: 2)
        for (key, count) in otherCloses {
            let name = key.code == 0 ? "other" : String(key.code)
            interval.closeCodes[(key.byPeer ? "by_peer:" : "by_us:") + name] = count
        }
        otherCloses.removeAll(keepingCapacity: true)
    }

    private func takeTimings(into interval: inout Interval) {
        for timing in Self.timings {
            let row = Int(timing.rawValue)
            let extent = extents[row]
            guard extent.highest >= 0 else { continue }
            let first = slots + row * HistogramLayout.slotCount
            var writer = HistogramCodec.Writer()
            for slot in extent.lowest...extent.highest where first[slot] > 0 {
                writer.append(slot: slot, count: UInt64(first[slot]))
            }
            interval.timings[timing.name] = Base64.encode(writer.finish())
            (first + extent.lowest).update(repeating: 0, count: extent.highest - extent.lowest + 1)
            extents[row] = Extent()
        }
    }
}
