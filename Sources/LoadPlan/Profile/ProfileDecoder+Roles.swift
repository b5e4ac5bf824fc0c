// What accounts do differently, and how a login takes another one's place.
extension ProfileDecoder {
    mutating func decodeRoles(_ value: DocumentValue, into placed: inout PlacedStep) {
        guard let items = list(value, of: "roles") else { return }
        if items.isEmpty {
            problems.add("expected at least one role", at: value, hint: "e.g. - { accounts: 1, steps: [...] }")
        }
        var roles: [Role] = []
        for (index, item) in items.enumerated() {
            guard let fields = fields(of: item, as: RoleKey.self) else { continue }
            let steps = fields[.steps].map { decodeSteps($0, mayBeEmpty: true) } ?? []
            placed.branches.append(PlacedBranch(value: item, steps: steps))
            guard let given = fields[.accounts] else {
                if index == items.count - 1 {
                    roles.append(Role(steps: steps.compactMap(\.step)))
                } else {
                    problems.add(
                        "only the last role can be for all accounts that are left", at: item, hint: "give accounts")
                }
                continue
            }
            guard let count = wholeNumber(given, in: PlanLimits.accounts) else { continue }
            roles.append(Role(accounts: count, steps: steps.compactMap(\.step)))
        }
        guard roles.count == items.count, !items.isEmpty else { return }
        placed.step = .roles(roles)
    }

    /// Every account has one role, and every role its accounts.
    mutating func check(_ roles: [Role], at value: DocumentValue, accounts: Int, options: OverrideReader) {
        let planned = roles.reduce(0) { $0 + ($1.accounts ?? 0) }
        let message: String
        let hint: String?
        if planned > accounts {
            (message, hint) = ("roles for \(planned) accounts, and there are \(accounts)", nil)
        } else if planned < accounts, roles.last?.accounts != nil {
            message = "roles for \(planned) accounts, and there are \(accounts): some would have none"
            hint = "leave accounts out of the last role"
        } else {
            return
        }
        if options.accounts == nil {
            problems.add(message, at: value, hint: hint)
        } else {
            problems.add(message, option: "--accounts", hint: hint)
        }
    }

    mutating func decodeTakeover(_ value: DocumentValue) -> Takeover? {
        if value.isNull { return Takeover(connect: standardConnect) }
        guard let fields = fields(of: value, as: TakeoverKey.self) else { return nil }
        func given(_ key: some ProfileKey) -> DocumentValue? {
            TakeoverKey(rawValue: key.rawValue).flatMap { fields[$0] }
        }
        return Takeover(abandon: decodeAbandon { given($0) }, connect: decodeConnect { given($0) })
    }
}
