// What no value shows alone.
extension ProfileDecoder {
    mutating func check(
        _ steps: [PlacedStep], of value: DocumentValue, load: Load?, accounts: PlacedAccounts?, target: Target?,
        options: OverrideReader
    ) {
        if steps.isEmpty { return }
        let count = steps.stepCount
        guard count <= PlanLimits.stepCount else {
            problems.add("\(count) steps; a profile has at most \(PlanLimits.stepCount)", at: value, hint: "use repeat")
            return
        }
        for fault in ConnectionFlow.faults(in: steps, of: value) {
            problems.add(fault.message, at: fault.value, hint: fault.hint)
        }
        var endless: [DocumentValue] = []
        steps.forEachStep { if $0.step == .wait(.end), load?.duration == nil { endless.append($0.value) } }
        if load != nil {
            for value in endless {
                problems.add("wait: end never ends without load.duration", at: value, hint: "give a duration")
            }
        }
        guard let accounts else { return }
        check(accounts, steps: steps, target: target)
        if dialect == .openim { checkOpenIMID(accounts) }
        checkShares(of: accounts.accounts.count, in: steps, options: options)
    }

    /// Steps that divide the accounts among them.
    private mutating func checkShares(of count: Int, in steps: [PlacedStep], options: OverrideReader) {
        for placed in steps {
            if case .roles(let roles)? = placed.step {
                check(roles, at: placed.value, accounts: count, options: options)
            }
            if let hot = placed.step?.recipient?.hotAccounts, hot > count {
                problems.add(
                    "expected at most the \(count) accounts that there are, found hot: \(hot)", at: placed.value)
            }
            checkShares(of: count, in: placed.inner, options: options)
        }
    }

    /// An id is registered, stands in the handshake's query as it is, and must be the account's own.
    private mutating func checkOpenIMID(_ accounts: PlacedAccounts) {
        guard let value = accounts.idValue else { return }
        let id = accounts.accounts.id
        if !id.placeholders.contains(.index), accounts.accounts.count > 1 {
            problems.add(
                "all accounts would be the same user", at: value, hint: "put {index}, the account's number, into it")
        }
        let scalars = String(decoding: id.literalBytes, as: UTF8.self).unicodeScalars
        if openIM?.version == .v3_5_1 {
            let refused = scalars.first { !HostName.isResourceCharacter($0) || ":&+;".unicodeScalars.contains($0) }
            guard let refused else { return }
            problems.add(
                "a user ID cannot have \(String(refused).quoted): OpenIM 3.5 refuses :, and a query has no place for others",
                at: value)
        } else if let refused = scalars.first(where: { !Self.isIDCharacter($0) }) {
            problems.add(
                "a user ID has letters, digits and _ only in OpenIM 3.8, found \(String(refused).quoted)", at: value,
                hint: openIM?.version == nil ? "OpenIM 3.5.1 allows more: say openim.version or --openim-version" : nil)
        }
    }

    private static func isIDCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    /// An id ends up in URLs and headers where they hold `{account}`.
    private mutating func check(_ accounts: PlacedAccounts, steps: [PlacedStep], target: Target?) {
        guard let value = accounts.idValue, dialect != .openim else { return }
        let bytes = accounts.accounts.id.literalBytes
        if case .url(let url) = target, url.resource.placeholders.contains(.account) {
            let isFit = String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy(HostName.isResourceCharacter)
            if !isFit {
                problems.add("the target's URL holds {account}, so the id can have only characters of a URL", at: value)
            }
        }
        let isInHeader = steps.containsStep {
            $0.step?.connect?.headers.contains { $0.value.placeholders.contains(.account) } ?? false
        }
        if isInHeader, !HeaderRules.isValue(bytes) {
            problems.add("a header holds {account}, so the id can have only printable ASCII characters", at: value)
        }
    }

    mutating func checkLoad(_ load: Load?, of value: DocumentValue, options: OverrideReader) {
        guard let load, let duration = load.duration, load.ramp > duration else { return }
        let message =
            "the ramp of \(DurationText.format(load.ramp)) is longer than the duration of "
            + "\(DurationText.format(duration)): some accounts would never start"
        if options.ramp != nil {
            problems.add(message, option: "--ramp")
        } else if options.duration != nil {
            problems.add(message, option: "--duration", hint: "shorten the ramp too, with --ramp")
        } else {
            problems.add(message, at: value)
        }
    }
}

extension Step {
    /// How the step connects, if it does.
    var connect: Connect? {
        switch self {
        case .connect(let connect): connect
        case .takeover(let takeover): takeover.connect
        default: nil
        }
    }

    /// Whom the step is about, if it is about somebody.
    fileprivate var recipient: Recipient? {
        switch self {
        case .send(let message): message.recipient
        case .request(.pull(let recipient, _)), .request(.subscribe(let recipient)): recipient
        default: nil
        }
    }
}

extension Recipient {
    fileprivate var hotAccounts: Int? { if case .hot(let accounts) = self { accounts } else { nil } }
}
