// The steps with ways on, and the one that leaves a connection behind.
extension ProfileDecoder {
    mutating func decodeAbandon(_ value: DocumentValue) -> Abandon? {
        if value.isNull { return Abandon() }
        guard let fields = fields(of: value, as: AbandonKey.self) else { return nil }
        return decodeAbandon { fields[$0] }
    }

    /// - Parameter given: what is written for a key.
    mutating func decodeAbandon(_ given: (AbandonKey) -> DocumentValue?) -> Abandon {
        var abandon = Abandon()
        abandon.lifetime = given(.for).flatMap { duration($0, mayBeZero: false) }
        abandon.keep = given(.keep).flatMap { wholeNumber($0, in: PlanLimits.abandonedConnections) } ?? 1
        return abandon
    }

    mutating func decodeChoose(_ value: DocumentValue, into placed: inout PlacedStep) {
        guard let items = list(value, of: "ways on") else { return }
        if items.isEmpty {
            problems.add("expected at least one way on", at: value, hint: "e.g. - { share: 1, steps: [...] }")
        }
        var choices: [Choice] = []
        var sum = 0.0
        for item in items {
            guard let fields = fields(of: item, as: ChoiceKey.self) else { continue }
            let steps = fields[.steps].map { decodeSteps($0, mayBeEmpty: true) } ?? []
            placed.branches.append(PlacedBranch(value: item, steps: steps))
            guard let share = fields[.share].flatMap({ share($0) }) else { continue }
            sum += share
            choices.append(Choice(share: share, steps: steps.compactMap(\.step)))
        }
        guard choices.count == items.count, !items.isEmpty else { return }
        guard abs(sum - 1) <= PlanLimits.shareTolerance else {
            problems.add("the shares add up to \(Self.rounded(sum)), not to 1", at: value)
            return
        }
        placed.step = .choose(choices)
    }

    /// A decimal number above 0, up to 1.
    private mutating func share(_ value: DocumentValue) -> Double? {
        if case .unreadable = value.content { return nil }
        if case .scalar(let text, false) = value.content,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }), let share = Double(text),
            share > 0, share <= 1
        {
            return share
        }
        problems.add("expected a share above 0, up to 1, such as 0.25; found \(value.found)", at: value)
        return nil
    }

    /// In thousandths, so that no digit shows that nobody wrote.
    private static func rounded(_ sum: Double) -> Double { (sum * 1000).rounded() / 1000 }
}
