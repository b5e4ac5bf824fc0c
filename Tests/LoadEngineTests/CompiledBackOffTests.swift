import LoadPlan
import Testing

@testable import LoadEngine

@Suite struct CompiledBackOffTests {
    private func delays(_ backOff: BackOff, count: Int) -> [Double] {
        let compiled = CompiledBackOff(backOff)
        var random = AccountRandom(seed: 1, client: 0)
        return (1...count).map { Double(compiled.delayNs(failures: $0, random: &random)) / 1e9 }
    }

    @Test func pausesDoubleAndStayOrBeginAgain() {
        #expect(delays(.openIMSDK, count: 11) == [1, 2, 4, 8, 16, 1, 2, 4, 8, 16, 1])
        #expect(
            delays(BackOff(first: .seconds(1), last: .seconds(5), jitter: false), count: 6) == [1, 2, 4, 5, 5, 5])
        #expect(
            delays(BackOff(first: .seconds(1), last: .seconds(5), cycles: true, jitter: false), count: 6)
                == [1, 2, 4, 5, 1, 2])
        #expect(delays(BackOff(first: .seconds(3), last: .seconds(1), jitter: false), count: 3) == [1, 1, 1])
    }

    @Test func jitterDrawsFromTheUpperHalf() {
        let longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]
        let delays = delays(BackOff(), count: 8)
        for (delay, longest) in zip(delays, longest) { #expect((longest / 2...longest).contains(delay)) }
        #expect(Set(delays).count == 8)
    }

    @Test func extremesAreNoTrap() {
        let years = BackOff(first: .nanoseconds(1), last: .seconds(10_000_000_000), jitter: false)
        #expect(delays(years, count: 100).last == 9_223_372_036.854776)
        #expect(delays(BackOff(first: .zero, last: .zero, cycles: true), count: 3).allSatisfy { $0 < 1e-6 })
        let compiled = CompiledBackOff(.openIMSDK)
        var random = AccountRandom(seed: 1, client: 0)
        #expect(compiled.delayNs(failures: Int(UInt16.max), random: &random) > 0)
    }
}
