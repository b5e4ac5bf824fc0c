/// The keys of a recipient that is not a word alone.
enum RecipientKey: String, ProfileKey {
    case hot, group, user

    var schema: SchemaValue {
        switch self {
        case .hot: .wholeNumber("One of the first so many accounts, in turn.", PlanLimits.accounts)
        case .group: .template("A group's ID.")
        case .user: .template("A user's ID; may be none of the run's.")
        }
    }

    static let words = ["self", "pair", "ring", "random", hot.rawValue]

    /// What a word alone means; nil for any other text.
    static func recipient(word: String) -> Recipient? {
        switch word {
        case "self": .oneself
        case "pair": .pair
        case "ring": .ring
        case "random": .random
        case hot.rawValue: .hot(accounts: 1)
        default: nil
        }
    }
}

/// The keys of `receive: { push: … }`.
enum PushKey: String, ProfileKey {
    case from

    var isRequired: Bool { true }

    var schema: SchemaValue { .template("The sender's user ID.") }

    static let words = ["own", "any", "others"]

    /// What a word alone means; nil for any other text.
    static func source(word: String) -> Receive.PushSource? {
        switch word {
        case "own": .own
        case "any": .any
        case "others": .others
        default: nil
        }
    }
}
