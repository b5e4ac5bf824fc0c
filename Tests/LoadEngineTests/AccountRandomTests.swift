import Testing

@testable import LoadEngine

@Suite struct AccountRandomTests {
    @Test func anAccountsStreamDependsOnSeedAndNumberAlone() {
        var first = AccountRandom(seed: 7, client: 41)
        var again = AccountRandom(seed: 7, client: 41)
        var other = AccountRandom(seed: 7, client: 42)
        var otherSeed = AccountRandom(seed: 8, client: 41)
        for _ in 0..<100 {
            let value = first.next()
            #expect(value == again.next())
            #expect(value != other.next())
            #expect(value != otherSeed.next())
        }
    }

    @Test func unitValuesFillTheirRange() {
        var random = AccountRandom(seed: 1, client: 0)
        var sum = 0.0
        for _ in 0..<10_000 {
            let value = random.nextUnit()
            #expect((0..<1).contains(value))
            sum += value
        }
        #expect(abs(sum / 10_000 - 0.5) < 0.02)
    }
}
