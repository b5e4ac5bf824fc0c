/// The keys of `pull`.
enum PullKey: String, ProfileKey {
    case with, count

    var isRequired: Bool { self == .with }

    var schema: SchemaValue {
        switch self {
        case .with: SendKey.to.schema
        case .count: .wholeNumber("At most so many.", PlanLimits.pulledMessages, standard: Self.standardCount)
        }
    }

    static let standardCount = 20
}

/// The keys of `subscribe`.
enum SubscribeKey: String, ProfileKey {
    case to

    var isRequired: Bool { true }

    var schema: SchemaValue { SendKey.to.schema }
}
