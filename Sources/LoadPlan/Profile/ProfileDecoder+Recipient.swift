// To whom, from whom, and what else is asked of the server.
extension ProfileDecoder {
    mutating func decodeRecipient(_ value: DocumentValue) -> Recipient? {
        if case .scalar = value.content {
            return word(value, of: RecipientKey.words).flatMap { RecipientKey.recipient(word: $0) }
        }
        guard let fields = fields(of: value, as: RecipientKey.self) else { return nil }
        let given = RecipientKey.allCases.filter { fields[$0] != nil }
        if let second = given.dropFirst().first.flatMap({ fields[$0] }) {
            problems.add("expected one of hot, group and user", at: second)
        }
        switch given.first {
        case nil:
            problems.add("expected hot, group or user", at: value, hint: "e.g. { hot: 3 }, or ring")
            return nil
        case .hot: return fields[.hot].flatMap { wholeNumber($0, in: PlanLimits.accounts) }.map { .hot(accounts: $0) }
        case .group: return fields[.group].flatMap { identifier($0, expected: "a group's ID") }.map { .group($0) }
        case .user: return fields[.user].flatMap { identifier($0, expected: "a user's ID") }.map { .user($0) }
        }
    }

    mutating func decodePushSource(_ value: DocumentValue) -> Receive.PushSource? {
        if case .scalar = value.content {
            return word(value, of: PushKey.words).flatMap { PushKey.source(word: $0) }
        }
        return fields(of: value, as: PushKey.self)?[.from]
            .flatMap { identifier($0, expected: "a user's ID") }.map { .from($0) }
    }

    private mutating func identifier(_ value: DocumentValue, expected: String) -> Template? {
        line(value, expected: expected).flatMap { _ in template(value, expected: expected) }
    }

    mutating func decodePull(_ value: DocumentValue) -> Request? {
        guard let fields = fields(of: value, as: PullKey.self) else { return nil }
        let count = fields[.count].map { wholeNumber($0, in: PlanLimits.pulledMessages) } ?? PullKey.standardCount
        guard let recipient = fields[.with].flatMap({ decodeRecipient($0) }), let count else { return nil }
        return .pull(with: recipient, count: count)
    }

    mutating func decodeSubscribe(_ value: DocumentValue) -> Request? {
        requireLaterVersion(for: "subscribe", at: value)
        guard let given = fields(of: value, as: SubscribeKey.self)?[.to], let recipient = decodeRecipient(given) else {
            return nil
        }
        if case .group = recipient { problems.add("only accounts have an online status, groups have none", at: given) }
        return .subscribe(to: recipient)
    }
}
