extension ProfileDecoder {
    mutating func decodeReceive(_ value: DocumentValue) -> Receive? {
        if value.isNull { return Receive() }
        if case .scalar(let text, _) = value.content { return decodeReceive(word: text, value) }
        guard let fields = fields(of: value, as: ReceiveKey.self) else { return nil }
        var receive = Receive()
        let conditions = [ReceiveKey.any, .equals, .contains, .ack, .push].filter { fields[$0] != nil }
        if let second = conditions.dropFirst().first, let secondValue = fields[second] {
            let known = dialect == .openim ? "any, ack and push" : "any, equals and contains"
            problems.add("a receive has one of \(known)", at: secondValue)
        }
        for key in [ReceiveKey.any, .ack] {
            if let given = fields[key], flag(given) == false {
                problems.add("\(key.rawValue) is true or absent", at: given)
            }
        }
        if let match = conditions.first.flatMap({ decodeMatch($0, fields) }) { receive.match = match }
        for key in conditions { if let given = fields[key] { checkDialect(of: key, at: given) } }
        receive.count = fields[.count].flatMap { wholeNumber($0, in: PlanLimits.receiveCount) } ?? 1
        receive.timeout = fields[.timeout].flatMap { duration($0, mayBeZero: false) }
        return receive
    }

    private mutating func decodeReceive(word text: String, _ value: DocumentValue) -> Receive? {
        switch ReceiveKey(rawValue: text) {
        case .any: return Receive()
        case .ack:
            checkDialect(of: .ack, at: value)
            return Receive(match: .ack)
        default: break
        }
        if dialect == .openim {
            problems.add(
                "expected any, ack or a mapping, found \(value.found)", at: value,
                hint: "for a push write receive: { push: others }")
        } else {
            problems.add(
                "expected any or a mapping, found \(value.found)", at: value,
                hint: "to compare the message write receive: { equals: \(text.quoted) }")
        }
        return nil
    }

    private mutating func decodeMatch(_ key: ReceiveKey, _ fields: Fields<ReceiveKey>) -> Receive.Match? {
        guard let given = fields[key] else { return nil }
        switch key {
        case .equals: return template(given).map { .equals($0) }
        case .contains:
            guard let text = template(given) else { return nil }
            if text.segments.isEmpty {
                problems.add("every message contains the empty text", at: given, hint: "write any: true")
            }
            return .contains(text)
        case .ack: return .ack
        case .push: return decodePushSource(given).map { .push($0) }
        case .any, .count, .timeout: return nil
        }
    }

    private mutating func checkDialect(of key: ReceiveKey, at value: DocumentValue) {
        switch key {
        case .equals, .contains:
            require(.plain, for: key.rawValue, at: value, hint: "OpenIM has receive: ack and receive: { push: others }")
        case .ack, .push: require(.openim, for: key.rawValue, at: value)
        case .any, .count, .timeout: break
        }
    }
}
