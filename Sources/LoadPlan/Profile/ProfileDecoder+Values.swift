/// The values of one mapping, by key.
struct Fields<Key: ProfileKey> {
    var values: [Key: DocumentValue] = [:]

    subscript(key: Key) -> DocumentValue? { values[key] }
}

// Typed reading of values.
extension ProfileDecoder {
    /// The mapping's values by key, with unknown and missing keys reported.
    /// - Parameter given: keys that are not missed because the command line says what they would.
    mutating func fields<Key: ProfileKey>(
        of value: DocumentValue, as keys: Key.Type, given: Set<String> = []
    ) -> Fields<Key>? {
        let names = Key.allCases.map(\.rawValue)
        guard case .mapping(let entries) = value.content else {
            if case .unreadable = value.content { return nil }
            let what =
                names.count <= 4 ? names.joined(separator: ", ") : names.prefix(4).joined(separator: ", ") + ", …"
            problems.add("expected a mapping (\(what)), found \(value.found)", at: value)
            return nil
        }
        var fields = Fields<Key>()
        for entry in entries {
            if let key = Key(rawValue: entry.key) {
                fields.values[key] = entry.value
            } else {
                reportUnknown(entry, names: names)
            }
        }
        for key in Key.allCases where key.isRequired && fields[key] == nil && !given.contains(key.rawValue) {
            problems.add("the key \(key.rawValue) is missing", at: value)
        }
        return fields
    }

    private mutating func reportUnknown(_ entry: DocumentValue.Entry, names: [String]) {
        problems.add(
            "unknown key \(entry.key.quoted)", at: entry.keyMark, path: entry.value.path,
            hint: Self.hint(unknownKey: entry.key, names: names))
    }

    private static func hint(unknownKey key: String, names: [String]) -> String {
        if let nearest = NearestName.find(key, in: names) { return "did you mean \(nearest)?" }
        let known = "the keys here are \(names.joined(separator: ", "))"
        return ProfileKeys.home(of: key).map { "\(key) belongs in \($0); \(known)" } ?? known
    }

    /// A list's items.
    mutating func list(_ value: DocumentValue, of what: String) -> [DocumentValue]? {
        switch value.content {
        case .sequence(let items): return items
        case .unreadable: return nil
        case .scalar, .mapping:
            problems.add("expected a list of \(what), found \(value.found)", at: value)
            return nil
        }
    }

    /// A scalar's text, quoted or not.
    mutating func text(_ value: DocumentValue, expected: String = "a text") -> String? {
        if case .scalar(let text, _) = value.content, !value.isNull { return text }
        if case .unreadable = value.content { return nil }
        problems.add("expected \(expected), found \(value.found)", at: value)
        return nil
    }

    /// A text that is not empty and has no control characters.
    mutating func line(_ value: DocumentValue, expected: String) -> String? {
        guard let text = text(value, expected: expected) else { return nil }
        guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            problems.add("expected \(expected) without control characters, found \(text.quoted)", at: value)
            return nil
        }
        return text
    }

    mutating func wholeNumber(_ value: DocumentValue, in range: ClosedRange<Int>) -> Int? {
        if case .unreadable = value.content { return nil }
        if case .scalar(let text, false) = value.content, let number = Int(text), range.contains(number) {
            return number
        }
        var hint: String?
        if case .scalar(let text, true) = value.content, Int(text) != nil { hint = "write it without quotes" }
        problems.add(
            "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(value.found)", at: value,
            hint: hint)
        return nil
    }

    mutating func flag(_ value: DocumentValue) -> Bool? {
        guard case .scalar(let text, let isQuoted) = value.content, !value.isNull else {
            _ = text(value, expected: "true or false")
            return nil
        }
        if !isQuoted, text == "true" || text == "false" { return text == "true" }
        let hint =
            switch text.lowercased() {
            case "yes", "on", "true": "write true"
            case "no", "off", "false": "write false"
            default: nil as String?
            }
        problems.add("expected true or false, found \(value.found)", at: value, hint: hint)
        return nil
    }

    /// One of several words.
    mutating func word(_ value: DocumentValue, of words: [String]) -> String? {
        let expected = words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
        guard let text = text(value, expected: expected) else { return nil }
        guard words.contains(text) else {
            problems.add(
                "expected \(expected); found \(value.found)", at: value,
                hint: NearestName.find(text, in: words).map { "did you mean \($0)?" })
            return nil
        }
        return text
    }

    mutating func duration(_ value: DocumentValue, mayBeZero: Bool) -> Duration? {
        guard let text = text(value, expected: "a duration") else { return nil }
        do throws(TextProblem) {
            let duration = try DurationText.parse(text)
            guard mayBeZero || duration > .zero else {
                problems.add("expected a duration longer than 0", at: value)
                return nil
            }
            return duration
        } catch {
            problems.add(error, in: value)
            return nil
        }
    }

    /// - Parameter reason: why it cannot be any larger, if that needs saying.
    mutating func byteSize(_ value: DocumentValue, in range: ClosedRange<Int>, reason: String? = nil) -> Int? {
        guard let text = text(value, expected: "a number of bytes") else { return nil }
        do throws(TextProblem) {
            let bytes = try ByteSizeText.parse(text)
            guard range.contains(bytes) else {
                problems.add(
                    "expected \(range.lowerBound) to \(ByteSizeText.format(range.upperBound)) bytes, found \(text)",
                    at: value, hint: reason)
                return nil
            }
            return bytes
        } catch {
            problems.add(error, in: value)
            return nil
        }
    }

    /// - Parameter identifiesLogin: `{token}` and `{platform}` may stand in it, with a dialect that has them.
    mutating func template(
        _ value: DocumentValue, expected: String = "a text", identifiesLogin: Bool = false
    ) -> Template? {
        guard let template = anyTemplate(value, expected: expected) else { return nil }
        if identifiesLogin {
            if let fault = credentialFault(in: template) { problems.add(fault, at: value, hint: Self.openIMHint) }
        } else if let placeholder = template.credentials.first {
            problems.add(
                "{\(placeholder.rawValue)} can stand in the target's URL and in headers only", at: value)
        }
        return template
    }

    /// With whatever placeholders.
    mutating func anyTemplate(_ value: DocumentValue, expected: String = "a text") -> Template? {
        guard let text = text(value, expected: expected) else { return nil }
        do throws(TextProblem) {
            return try Template(parsing: text)
        } catch {
            problems.add(error, in: value)
            return nil
        }
    }
}
