import Testing

@testable import ServerWatch

@Suite struct CensusBudgetTests {
    @Test func cheapCountsAreMadeAtEachTick() {
        var budget = CensusBudget()
        #expect(budget.isDue(atNs: -5))
        budget.spent(20_000_000, atNs: 0, processes: 1)
        #expect(budget.isDue(atNs: 1_000_000_000))
    }

    /// 400 ms of CPU are a tenth of a core over four seconds.
    @Test func dearCountsWait() {
        var budget = CensusBudget()
        budget.spent(400_000_000, atNs: 0, processes: 1)
        #expect(!budget.isDue(atNs: 3_000_000_000))
        #expect(budget.isDue(atNs: 4_000_000_000))
        budget.spent(400_000_000, atNs: 0, processes: 3)
        #expect(!budget.isDue(atNs: 11_000_000_000))
        #expect(budget.isDue(atNs: 12_000_000_000))
    }

    @Test func noPauseIsForEver() {
        var budget = CensusBudget()
        budget.spent(.max, atNs: 0, processes: .max)
        #expect(budget.isDue(atNs: 30_000_000_000))
    }
}
