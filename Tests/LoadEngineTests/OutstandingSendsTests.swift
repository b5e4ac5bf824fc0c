import Testing

@testable import LoadEngine

@Suite struct OutstandingSendsTests {
    private func sent(_ number: Int) -> OutstandingSends.Times {
        .init(dueNs: Int64(number) * 10, sentNs: Int64(number) * 10 + 1, number: UInt32(number))
    }

    @Test func theOldestComesFirstWhereAnswersHaveNoNumbers() {
        let sends = OutstandingSends(accounts: 2, perAccount: 3)
        var account = Account(random: AccountRandom(seed: 1, client: 0), maxMessageBytes: 1)
        for round in 0..<5 {
            for number in 1...3 { #expect(sends.push(sent(round * 3 + number), account: 1, &account)) }
            #expect(!sends.push(sent(99), account: 1, &account))
            for number in 1...3 {
                #expect(sends.popFirst(account: 1, &account)?.dueNs == Int64(round * 30 + number * 10))
            }
            #expect(sends.popFirst(account: 1, &account) == nil)
        }
    }

    /// Against a dictionary, in random order, numbers that are unknown or answered already among them.
    @Test func answersFindTheirsInAnyOrder() {
        let seed = UInt64.random(in: .min ... .max)
        var random = AccountRandom(seed: seed, client: 0)
        let sends = OutstandingSends(accounts: 3, perAccount: 7)
        var account = Account(random: random, maxMessageBytes: 1)
        var expected: [UInt32: Int64] = [:]
        var next = 1
        for step in 0..<20_000 {
            if random.next() % 2 == 0 {
                if sends.push(sent(next), account: 2, &account) { expected[UInt32(next)] = Int64(next) * 10 }
                next += 1
            } else {
                let number = UInt32(max(1, next - Int(random.next() % 10)))
                let found = sends.take(number: number, account: 2, &account)
                #expect(found?.dueNs == expected.removeValue(forKey: number), "seed \(seed), step \(step)")
            }
            #expect(expected.count <= Int(account.outstandingCount), "seed \(seed), step \(step)")
        }
        for number in expected.keys { #expect(sends.take(number: number, account: 2, &account) != nil) }
        #expect(account.outstandingCount == 0)
    }
}
