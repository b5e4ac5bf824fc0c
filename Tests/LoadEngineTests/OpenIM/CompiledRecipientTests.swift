import LoadPlan
import Testing

@testable import LoadEngine

@Suite struct CompiledRecipientTests {
    private func receivers(
        _ recipient: Recipient, accounts: Int, sequence: UInt32 = 1, seed: UInt64 = 1
    ) -> [String] {
        let compiled = CompiledRecipient(recipient, accounts: Accounts(count: accounts))
        let scratch = ByteBuffer(capacity: 16)
        return withExtendedLifetime(scratch) {
            (0..<accounts).map { index in
                var random = AccountRandom(seed: seed, client: index)
                let values = TemplateValues(index: index, login: 0, iteration: 0, sequence: sequence)
                return String(decoding: compiled.render(values, random: &random, scratch: scratch), as: UTF8.self)
            }
        }
    }

    private func users(_ numbers: Int...) -> [String] { numbers.map { "user-\($0)" } }

    @Test func everybodyHasAReceiver() {
        #expect(receivers(.oneself, accounts: 3) == users(0, 1, 2))
        #expect(receivers(.pair, accounts: 5) == users(1, 0, 3, 2, 4))
        #expect(receivers(.ring, accounts: 3) == users(1, 2, 0))
        #expect(receivers(.hot(accounts: 1), accounts: 3, sequence: 8) == users(0, 0, 0))
        #expect(receivers(.hot(accounts: 2), accounts: 4) == users(0, 1, 0, 1))
        #expect(receivers(.hot(accounts: 2), accounts: 4, sequence: 2) == users(1, 0, 1, 0))
        #expect(receivers(.hot(accounts: 9), accounts: 2) == users(0, 1))
        for recipient in [Recipient.oneself, .pair, .ring, .random, .hot(accounts: 3)] {
            #expect(receivers(recipient, accounts: 1) == users(0), "\(recipient)")
        }
    }

    @Test func randomIsAnybodyElseAndTheSameForTheSameSeed() {
        #expect(receivers(.random, accounts: 20, seed: 4) == receivers(.random, accounts: 20, seed: 4))
        var reached: Set<String> = []
        for seed in 0..<200 as Range<UInt64> {
            let receivers = receivers(.random, accounts: 4, seed: seed)
            for (index, receiver) in receivers.enumerated() { #expect(receiver != "user-\(index)") }
            reached.formUnion(receivers)
        }
        #expect(reached == Set(users(0, 1, 2, 3)))
    }

    @Test func aTextIsRenderedForTheSender() {
        let id = Template(segments: [.literal(Array("team-".utf8)), .placeholder(.index)])
        #expect(receivers(.group(id), accounts: 2) == ["team-0", "team-1"])
        #expect(CompiledRecipient(.group(id), accounts: Accounts(count: 2)).isGroup)
        #expect(!CompiledRecipient(.user(id), accounts: Accounts(count: 2)).isGroup)
    }
}
