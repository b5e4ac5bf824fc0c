import LoadMetrics
import Testing

@Suite struct HistogramCodecTests {
    private func histogram(_ us: [Int64]) -> TimingHistogram {
        var histogram = TimingHistogram()
        for value in us { histogram.record(ns: value * 1000) }
        return histogram
    }

    @Test func theHeaderIsAsSpecified() {
        let bytes = HistogramCodec.encode(histogram([1]))
        #expect(
            bytes == [
                0x1c, 0x84, 0x93, 0x13, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1,
                0, 0, 0, 0, 0x23, 0xc3, 0x46, 0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0,
                1,  // a run of one empty slot: ZigZag of -1
                2,  // one value: ZigZag of 1
            ])
    }

    @Test func everyHistogramSurvives() throws {
        var random = SeededRandom(2)
        for round in 0..<100 {
            var original = TimingHistogram()
            for _ in 0..<Int.random(in: 0...400, using: &random) {
                original.record(
                    ns: Int64.random(in: 0...Int64(1) << Int64.random(in: 1...40, using: &random), using: &random))
            }
            original.add(count: UInt64.random(in: 1...1 << 39, using: &random), toSlot: 300)
            let decoded = try HistogramCodec.decode(HistogramCodec.encode(original))
            #expect(
                HistogramCodec.encode(decoded) == HistogramCodec.encode(original),
                "round \(round), seed \(SeededRandom.seed)")
            #expect(decoded.count == original.count)
            for percent in [0.0, 1, 50, 90, 99, 99.9] {
                #expect(decoded.percentileUs(percent) == original.percentileUs(percent) || percent == 0)
            }
            #expect(decoded.maxUs == original.maxUs)
        }
    }

    @Test func emptyIsForty() throws {
        let bytes = HistogramCodec.encode(TimingHistogram())
        #expect(bytes.count == 40)
        #expect(try HistogramCodec.decode(bytes).isEmpty)
    }

    /// The header of an encoding with these counts behind it.
    private func encoded(_ counts: [UInt8], patch: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var bytes = Array(HistogramCodec.encode(TimingHistogram())) + counts
        bytes[6] = UInt8(counts.count >> 8)
        bytes[7] = UInt8(counts.count & 0xff)
        patch(&bytes)
        return bytes
    }

    @Test func hostileBytesAreRefused() {
        func fault(_ bytes: [UInt8]) -> HistogramCodec.Fault? {
            do throws(HistogramCodec.Fault) {
                _ = try HistogramCodec.decode(bytes)
                return nil
            } catch { return error }
        }
        #expect(fault([]) == .truncated)
        #expect(fault(Array(encoded([]).dropLast())) == .truncated)
        #expect(fault(encoded([]) { $0[0] = 0 }) == .unknownCookie(0x0084_9313))
        #expect(fault(encoded([]) { $0[7] = 9 }) == .wrongLength(stated: 9, actual: 0))
        #expect(fault(encoded([2]) { $0[4] = 0xff }) == .wrongLength(stated: 0xff00_0001, actual: 1))
        #expect(fault(encoded([]) { $0[15] = 2 }) == .otherConfiguration)
        #expect(fault(encoded([]) { $0[23] = 7 }) == .otherConfiguration)
        #expect(fault(encoded([]) { $0[11] = 1 }) == .otherConfiguration)
        #expect(fault(encoded([0x80])) == .truncated)
        // The most negative number there is: a run of 2^63 empty slots.
        #expect(fault(encoded([UInt8](repeating: 0xff, count: 9))) == .malformedCount)
        // Runs that add up beyond any range.
        let longRun: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
        #expect(fault(encoded(longRun + longRun)) == .malformedCount)
        // 21,504 empty slots, then a value.
        #expect(fault(encoded([0xff, 0xcf, 0x02, 2])) == .beyondRange)
        #expect(fault(encoded([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])) == .tooManyValues)
    }

    @Test func refusedBytesChangeNothing() {
        var target = histogram([10, 20])
        let before = target
        let tail = encoded([2, 2, 2, 0x80])
        #expect(throws: HistogramCodec.Fault.truncated) { try HistogramCodec.decode(tail, into: &target) }
        #expect(target == before)
    }

    @Test func noMutationTraps() {
        var random = SeededRandom(3)
        let seeds = [
            HistogramCodec.encode(histogram([1, 2, 3, 400, 50_000, 600_000_000])), HistogramCodec.encode(histogram([])),
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = seeds[Int.random(in: 0...1, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                switch Int.random(in: 0...3, using: &random) {
                case 0 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
                case 1:
                    bytes += (0..<Int.random(in: 1...12, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                default:
                    guard !bytes.isEmpty else { continue }
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            if bytes.count >= 40, Bool.random(using: &random) {
                bytes[6] = UInt8((bytes.count - 40) >> 8)
                bytes[7] = UInt8((bytes.count - 40) & 0xff)
            }
            if let decoded = try? HistogramCodec.decode(bytes) {
                accepted += 1
                _ = decoded.percentileUs(99)
            }
        }
        #expect(accepted > 0, "seed \(SeededRandom.seed): no mutation got past the header")
    }
}
