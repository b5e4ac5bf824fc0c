internal import LoadPlan

/// To whom a message goes, ready to be rendered.
struct CompiledRecipient {
    private enum Choice {
        case oneself
        case pair
        case ring
        case random
        case hot(accounts: Int)
        /// A user ID or group ID of its own.
        case text(CompiledTemplate)
    }

    let isGroup: Bool
    private let choice: Choice
    private let accounts: Int
    private let accountID: CompiledTemplate

    init(_ recipient: Recipient, accounts: Accounts) {
        self.accounts = accounts.count
        accountID = CompiledTemplate(accounts.id, accountID: accounts.id)
        switch recipient {
        case .oneself: choice = .oneself
        case .pair: choice = .pair
        case .ring: choice = .ring
        case .random: choice = .random
        case .hot(let first): choice = .hot(accounts: min(max(first, 1), max(accounts.count, 1)))
        case .group(let id): choice = .text(CompiledTemplate(id, accountID: accounts.id))
        case .user(let id): choice = .text(CompiledTemplate(id, accountID: accounts.id))
        }
        if case .group = recipient { isGroup = true } else { isGroup = false }
    }

    /// The receiver's ID for the account of `values`, valid until `scratch` changes.
    func render(
        _ values: TemplateValues, random: inout AccountRandom, scratch: ByteBuffer
    ) -> UnsafeRawBufferPointer {
        if case .text(let id) = choice { return id.render(values, random: &random, scratch: scratch) }
        var receiver = values
        receiver.index = account(for: values, random: &random)
        return accountID.render(receiver, random: &random, scratch: scratch)
    }

    /// The number of the receiving account.
    func account(for values: TemplateValues, random: inout AccountRandom) -> Int {
        let own = values.index
        switch choice {
        case .oneself, .text: return own
        case .pair: return own ^ 1 < accounts ? own ^ 1 : own
        case .ring: return own + 1 < accounts ? own + 1 : 0
        case .random:
            guard accounts > 1 else { return own }
            let draw = min(Int(random.nextUnit() * Double(accounts - 1)), accounts - 2)
            return draw < own ? draw : draw + 1
        case .hot(let first):
            // Accounts begin at different places, so that all hot ones are hot from the start.
            return (own &+ Int(values.sequence) &- 1) % first
        }
    }
}
