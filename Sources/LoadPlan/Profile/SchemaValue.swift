/// JSON with its members in the order in which they are given.
indirect enum SchemaValue {
    case null
    case bool(Bool)
    case number(Int)
    case text(String)
    case list([SchemaValue])
    case object([(key: String, value: SchemaValue)])

    /// Indented by two spaces.
    func json(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let value): return "\(value)"
        case .text(let value): return Self.quoted(value)
        case .list(let items):
            guard !items.isEmpty else { return "[]" }
            if items.allSatisfy(\.isScalar) { return "[" + items.map { $0.json() }.joined(separator: ", ") + "]" }
            return "[\n" + items.map { inner + $0.json(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(inner)\(Self.quoted($0.key)): \($0.value.json(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isScalar: Bool {
        switch self {
        case .null, .bool, .number, .text: true
        case .list, .object: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

// The vocabulary of JSON Schema (draft 2020-12) that a profile's schema needs.
extension SchemaValue {
    /// The members and a description.
    static func schema(_ about: String, _ members: [(key: String, value: SchemaValue)]) -> SchemaValue {
        .object([("description", .text(about))] + members)
    }

    static func oneLine(_ about: String) -> SchemaValue {
        schema(about, [("type", .list([.text("string"), .text("number"), .text("boolean")]))])
    }

    /// - Parameter identifiesLogin: it may hold `{token}` and `{platform}`.
    static func template(_ about: String, identifiesLogin: Bool = false) -> SchemaValue {
        let placeholders = Template.Placeholder.allCases
            .filter { identifiesLogin || !Template.Placeholder.credentials.contains($0) }
        return oneLine(
            about + " Placeholders: " + placeholders.map { "{\($0.rawValue)}" }.joined(separator: " ")
                + "; {{ and }} are braces.")
    }

    static func duration(_ about: String, standard: String? = nil) -> SchemaValue {
        schema(
            about,
            [
                ("type", .list([.text("string"), .text("integer")])),
                ("pattern", .text(#"^(0|([0-9]+(\.[0-9]+)?(h|m|s|ms|us))+)$"#)), ("minimum", .number(0)),
                ("maximum", .number(0)),
            ] + (standard.map { [("default", .text($0))] } ?? []))
    }

    static func byteSize(_ about: String, _ range: ClosedRange<Int>, standard: String? = nil) -> SchemaValue {
        schema(
            about,
            [
                ("type", .list([.text("integer"), .text("string")])), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)), ("pattern", .text("^[0-9]+ *(B|[kK]B|MB|GB|KiB|MiB|GiB)?$")),
            ] + (standard.map { [("default", .text($0))] } ?? []))
    }

    static func wholeNumber(_ about: String, _ range: ClosedRange<Int>, standard: Int? = nil) -> SchemaValue {
        schema(
            about,
            [
                ("type", .text("integer")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ] + (standard.map { [("default", .number($0))] } ?? []))
    }

    /// A number above 0, up to 1.
    static func share(_ about: String) -> SchemaValue {
        schema(
            about, [("type", .text("number")), ("exclusiveMinimum", .number(0)), ("maximum", .number(1))])
    }

    static func flag(_ about: String, standard: Bool = false) -> SchemaValue {
        schema(about, [("type", .text("boolean")), ("default", .bool(standard))])
    }

    static func choice(_ about: String, _ words: [String], standard: String? = nil) -> SchemaValue {
        schema(
            about,
            [("enum", .list(words.map { .text($0) }))] + (standard.map { [("default", .text($0))] } ?? []))
    }

    static func list(_ about: String, of item: SchemaValue, minItems: Int = 0) -> SchemaValue {
        schema(about, [("type", .text("array")), ("items", item), ("minItems", .number(minItems))])
    }

    static func anyOf(_ about: String, _ choices: [SchemaValue]) -> SchemaValue {
        schema(about, [("anyOf", .list(choices))])
    }

    /// A mapping with the keys of a table and no others.
    static func mapping<Key: ProfileKey>(_ about: String, _ keys: Key.Type, minProperties: Int = 0) -> SchemaValue {
        let required = Key.allCases.filter(\.isRequired).map { SchemaValue.text($0.rawValue) }
        return schema(
            about,
            [
                ("type", .text("object")),
                ("properties", .object(Key.allCases.map { ($0.rawValue, $0.schema) })),
                ("required", .list(required)), ("additionalProperties", .bool(false)),
                ("minProperties", .number(minProperties)),
            ])
    }
}
