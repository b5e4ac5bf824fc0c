/// The JSON Schema (draft 2020-12) of profiles, for editors.
package enum ProfileSchema {
    /// What a schema can say; the decoder checks more.
    package static var jsonText: String { document.json() + "\n" }

    private static var document: SchemaValue {
        guard case .object(let members) = SchemaValue.mapping("A gatecrash profile.", RootKey.self) else {
            return .null
        }
        return .object(
            [("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text("gatecrash profile"))]
                + members + [("$defs", .object([("steps", steps), ("step", step)]))])
    }

    private static var steps: SchemaValue {
        .list("Steps, one after the other.", of: .object([("$ref", .text("#/$defs/step"))]), minItems: 1)
    }

    private static var step: SchemaValue {
        guard
            case .object(let members) = SchemaValue.mapping(
                "A kind of step and its details.", StepKey.self, minProperties: 1)
        else { return .null }
        return .anyOf(
            "One step.",
            [
                .choice("A step without details.", StepKey.allCases.filter(\.standsAlone).map(\.rawValue)),
                .object(members + [("maxProperties", .number(1))]),
            ])
    }
}
