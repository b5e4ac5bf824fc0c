extension ProfileDecoder {
    mutating func decodeSteps(_ value: DocumentValue, mayBeEmpty: Bool = false) -> [PlacedStep] {
        guard let items = list(value, of: "steps") else { return [] }
        if items.isEmpty, !mayBeEmpty { problems.add("expected at least one step, found an empty list", at: value) }
        return items.map { decodeStep($0) }
    }

    private mutating func decodeStep(_ value: DocumentValue) -> PlacedStep {
        let unknown = PlacedStep(key: nil, step: nil, value: value)
        let dialect = dialect
        switch value.content {
        case .unreadable: return unknown
        case .scalar where value.isNull, .sequence:
            problems.add("expected a step, found \(value.found)", at: value, hint: Self.stepNames(in: dialect))
            return unknown
        case .scalar(let text, _):
            return decodeBareStep(text, value) ?? unknown
        case .mapping(let entries):
            guard let entry = entries.first, entries.count == 1 else { return reportManyKeys(entries, of: value) }
            guard let key = StepKey(rawValue: entry.key) else {
                problems.add(
                    "unknown step \(entry.key.quoted)", at: entry.keyMark, path: value.path,
                    hint: Self.hint(for: entry.key, in: dialect))
                return unknown
            }
            return decodeStep(key, details: entry.value)
        }
    }

    private mutating func decodeBareStep(_ text: String, _ value: DocumentValue) -> PlacedStep? {
        let dialect = dialect
        guard let key = StepKey(rawValue: text) else {
            problems.add("unknown step \(text.quoted)", at: value, hint: Self.hint(for: text, in: dialect))
            return nil
        }
        guard key.standsAlone else {
            problems.add("\(text) does not stand alone", at: value, hint: "e.g. \(key.example)")
            return PlacedStep(key: key, step: nil, value: value)
        }
        let nothing = DocumentValue(content: .scalar(text: "", isQuoted: false), mark: value.mark, path: value.path)
        return decodeStep(key, details: nothing)
    }

    private mutating func reportManyKeys(_ entries: [DocumentValue.Entry], of value: DocumentValue) -> PlacedStep {
        let dialect = dialect
        let names = entries.map(\.key.quoted).joined(separator: " and ")
        let first = entries.first.flatMap { StepKey(rawValue: $0.key) }
        let hint: String
        if let first, entries.dropFirst().allSatisfy({ StepKey(rawValue: $0.key) == nil }) {
            hint = "indent what belongs to \(first.rawValue) by two more spaces"
        } else {
            hint = "begin each step with a dash of its own"
        }
        problems.add(
            entries.isEmpty ? "expected a step, found an empty mapping" : "expected one step, found \(names)",
            at: value,
            hint: entries.isEmpty ? Self.stepNames(in: dialect) : hint)
        return PlacedStep(key: first, step: nil, value: value)
    }

    private static func stepNames(in dialect: Dialect?) -> String {
        "the steps are " + StepKey.names(in: dialect).joined(separator: ", ")
    }

    private static func hint(for text: String, in dialect: Dialect?) -> String {
        NearestName.find(text, in: StepKey.names(in: dialect)).map { "did you mean \($0)?" } ?? stepNames(in: dialect)
    }

    private mutating func decodeStep(_ key: StepKey, details: DocumentValue) -> PlacedStep {
        var placed = PlacedStep(key: key, step: nil, value: details)
        if let wanted = key.dialect { require(wanted, for: key.rawValue, at: details) }
        switch key {
        case .connect: placed.step = decodeConnect(details).map { .connect($0) }
        case .send: placed.step = decodeSend(details).map { .send($0) }
        case .receive: placed.step = decodeReceive(details).map { .receive($0) }
        case .wait: placed.step = decodeWait(details).map { .wait($0) }
        case .ping: placed.step = hasNoDetails(details) ? .ping : nil
        case .close: placed.step = decodeClose(details).map { .close($0) }
        case .abort: placed.step = hasNoDetails(details) ? .abort : nil
        case .abandon: placed.step = decodeAbandon(details).map { .abandon($0) }
        case .repeat: decodeRepeat(details, into: &placed)
        case .choose: decodeChoose(details, into: &placed)
        case .roles: decodeRoles(details, into: &placed)
        case .stopReading: placed.step = hasNoDetails(details) ? .stopReading : nil
        case .takeover: placed.step = decodeTakeover(details).map { .takeover($0) }
        case .newestSequence: placed.step = hasNoDetails(details) ? .request(.newestSequence) : nil
        case .pull: placed.step = decodePull(details).map { .request($0) }
        case .background: placed.step = flag(details).map { .request(.background($0)) }
        case .subscribe: placed.step = decodeSubscribe(details).map { .request($0) }
        case .logout: placed.step = hasNoDetails(details) ? .logout : nil
        }
        return placed
    }

    private mutating func hasNoDetails(_ value: DocumentValue) -> Bool {
        if value.isNull { return true }
        if case .unreadable = value.content { return false }
        problems.add("expected nothing behind this step, found \(value.found)", at: value)
        return false
    }

    private mutating func decodeRepeat(_ value: DocumentValue, into placed: inout PlacedStep) {
        guard let fields = fields(of: value, as: RepeatKey.self) else { return }
        let times = fields[.times].flatMap { wholeNumber($0, in: PlanLimits.repeatTimes) }
        let inner = fields[.steps].map { decodeSteps($0) } ?? []
        placed.branches = [PlacedBranch(value: value, steps: inner)]
        guard let times else { return }
        placed.times = times
        placed.step = .repeat(times: times, steps: inner.compactMap(\.step))
    }

    private mutating func decodeWait(_ value: DocumentValue) -> Wait? {
        guard case .mapping = value.content else {
            guard let text = text(value, expected: "a duration, end or a mapping") else { return nil }
            return text == "end" ? .end : duration(value, mayBeZero: false).map { .fixed($0) }
        }
        guard let fields = fields(of: value, as: WaitKey.self) else { return nil }
        switch (fields[.uniform], fields[.exponential]) {
        case (let range?, nil): return decodeUniform(range)
        case (nil, let mean?): return duration(mean, mayBeZero: false).map { .exponential(mean: $0) }
        case (_, let second?): problems.add("a wait is either uniform or exponential", at: second)
        case (nil, nil):
            problems.add("expected uniform or exponential", at: value, hint: "e.g. wait: { uniform: [10ms, 50ms] }")
        }
        return nil
    }

    private mutating func decodeUniform(_ value: DocumentValue) -> Wait? {
        guard case .sequence(let bounds) = value.content, bounds.count == 2 else {
            if case .unreadable = value.content { return nil }
            problems.add("expected two durations, e.g. [10ms, 50ms]; found \(value.found)", at: value)
            return nil
        }
        guard let from = duration(bounds[0], mayBeZero: true), let to = duration(bounds[1], mayBeZero: false) else {
            return nil
        }
        guard from <= to else {
            problems.add(
                "the shorter time comes first", at: value,
                hint: "write [\(DurationText.format(to)), \(DurationText.format(from))]")
            return nil
        }
        return .uniform(from: from, to: to)
    }

    private mutating func decodeClose(_ value: DocumentValue) -> Close? {
        if value.isNull { return Close() }
        guard let fields = fields(of: value, as: CloseKey.self) else { return nil }
        var close = Close()
        if let given = fields[.code] {
            if case .scalar("none", _) = given.content {
                close.code = nil
            } else if let code = wholeNumber(given, in: 1000...4999) {
                if !Close.isSendable(code: code) {
                    problems.add(
                        "a client may not send the close code \(code) (RFC 6455 §7.4)", at: given,
                        hint: "use 1000–1003, 1007–1011 or 3000–4999")
                }
                close.code = UInt16(clamping: code)
            }
        }
        if let given = fields[.reason], let reason = text(given) {
            if reason.utf8.count > Close.maxReasonBytes {
                problems.add(
                    "a close reason has at most \(Close.maxReasonBytes) bytes (RFC 6455 §5.5), this has \(reason.utf8.count)",
                    at: given)
            }
            if close.code == nil, !reason.isEmpty {
                problems.add("a close frame without a code has no reason", at: given, hint: "give a code")
            }
            close.reason = reason
        }
        return close
    }
}
