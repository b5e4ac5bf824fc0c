extension ProfileDecoder {
    /// nil when there is a problem.
    mutating func decodeAccounts(_ value: DocumentValue?, options: OverrideReader) -> PlacedAccounts? {
        guard let value else {
            return options.accounts.map {
                PlacedAccounts(accounts: Accounts(count: $0, id: standardID), idValue: nil)
            }
        }
        let given: Set<String> = options.accounts == nil ? [] : [AccountsKey.count.rawValue]
        guard let fields = fields(of: value, as: AccountsKey.self, given: given) else { return nil }
        let written = fields[.count].flatMap { wholeNumber($0, in: PlanLimits.accounts) }
        let id = fields[.id].map { decodeID($0) } ?? standardID
        let logins = fields[.logins].map { wholeNumber($0, in: PlanLimits.logins) } ?? 1
        guard let count = options.accounts ?? written, let id, let logins else { return nil }
        let accounts = Accounts(count: count, id: id, logins: logins)
        if let value = fields[.logins], accounts.clients > PlanLimits.accounts.upperBound {
            let message =
                "\(count) accounts with \(logins) logins are more than \(PlanLimits.accounts.upperBound) clients"
            if options.accounts == nil {
                problems.add(message, at: value)
            } else {
                problems.add(message, option: "--accounts")
            }
        }
        return PlacedAccounts(accounts: accounts, idValue: fields[.id])
    }

    mutating func decodeKick(_ value: DocumentValue?) -> Kick {
        // OpenIM kicks by a frame and ends the connection without a code.
        var kick = dialect == .openim ? Kick(codes: []) : Kick()
        guard let value, let fields = fields(of: value, as: KickKey.self) else { return kick }
        if let given = fields[.codes] {
            require(
                .plain, for: "codes", at: given, hint: "OpenIM kicks by a frame, without a close code: leave it out")
            kick.codes = decodeKickCodes(given)
        }
        kick.expected = fields[.expected].flatMap { flag($0) } ?? false
        return kick
    }

    private mutating func decodeKickCodes(_ value: DocumentValue) -> [UInt16] {
        guard let items = list(value, of: "close codes") else { return [] }
        if items.isEmpty { problems.add("expected at least one close code", at: value, hint: "leave codes out") }
        var codes: [UInt16] = []
        for item in items {
            guard let number = wholeNumber(item, in: PlanLimits.kickCodes) else { continue }
            let code = UInt16(clamping: number)
            if codes.contains(code) { problems.add("the close code \(code) is listed twice", at: item) }
            codes.append(code)
        }
        return codes
    }

    private var standardID: Template { dialect == .openim ? OpenIMPlan.defaultAccountID : Accounts.defaultID }

    private mutating func decodeID(_ value: DocumentValue) -> Template? {
        guard line(value, expected: "an account's id") != nil, let id = anyTemplate(value) else { return nil }
        for placeholder in Template.Placeholder.allCases
        where placeholder != .index && id.placeholders.contains(placeholder) {
            problems.add(
                "an account's id stays the same, so {\(placeholder.rawValue)} cannot be in it", at: value,
                hint: "{index} is the account's number")
        }
        return id
    }

    /// nil when there is a problem.
    mutating func decodeLoad(_ value: DocumentValue?, options: OverrideReader) -> Load? {
        var load = Load()
        if let value {
            guard let fields = fields(of: value, as: LoadKey.self) else { return nil }
            _ = fields[.model].flatMap { word($0, of: Self.models) }
            load.duration = fields[.duration].flatMap { duration($0, mayBeZero: false) }
            load.iterations = fields[.iterations].flatMap { wholeNumber($0, in: PlanLimits.iterations) }
            load.ramp = fields[.ramp].flatMap { duration($0, mayBeZero: true) } ?? load.ramp
            load.grace = fields[.grace].flatMap { duration($0, mayBeZero: true) } ?? load.grace
            // A value that could not be read is not a missing one.
            let isBounded =
                fields[.duration] != nil || fields[.iterations] != nil || !options.givenKeys.isDisjoint(with: ["load"])
            if !isBounded {
                problems.add(
                    "neither duration nor iterations says when the run is over", at: value,
                    hint: "e.g. load: { duration: 60s }")
            }
        } else if options.duration == nil, options.iterations == nil {
            return nil
        }
        load.duration = options.duration ?? load.duration
        load.iterations = options.iterations ?? load.iterations
        load.ramp = options.ramp ?? load.ramp
        load.grace = options.grace ?? load.grace
        return load
    }
}

/// Accounts, and where their id is written, if it is.
struct PlacedAccounts {
    var accounts: Accounts
    var idValue: DocumentValue?
}
