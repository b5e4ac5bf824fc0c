/// The keys of `openim`.
enum OpenIMKey: String, ProfileKey {
    case api, version, secret, admin, platforms, encoding, compression, ping, tokens
    case firstResponse = "first_response"

    var schema: SchemaValue {
        switch self {
        case .api:
            .oneLine("http://HOST:PORT or https://HOST:PORT of the target's API; the bundled gateway has its own.")
        case .version:
            .choice(
                "Whose behaviour is expected; unless said, the API is asked. The bundled gateway plays 3.8.3 then.",
                OpenIMPlan.Version.allCases.map(\.rawValue))
        case .secret:
            .schema(
                "The deployment's secret.",
                [
                    ("type", .list([.text("string"), .text("number"), .text("boolean")])),
                    ("default", .text(OpenIMPlan.defaultSecret)),
                ])
        case .admin: .oneLine("Who registers accounts and fetches tokens; unless said, the version's own admin.")
        case .platforms:
            .list(
                "The platforms of an account's logins, in turn; [android] unless said.",
                of: .anyOf(
                    "A platform.",
                    [.choice("Its name.", PlatformText.names), .wholeNumber("Its number.", PlatformText.numbers)]),
                minItems: 1)
        case .encoding:
            .choice(
                "How requests and answers are written; json needs 3.8.", OpenIMPlan.Encoding.allCases.map(\.rawValue),
                standard: "gob")
        case .compression: .flag("gzip of whole frames.")
        case .ping:
            .choice(
                "PING frames, or text messages as from a browser; text needs 3.8.",
                OpenIMPlan.Ping.allCases.map(\.rawValue), standard: "frame")
        case .tokens:
            .anyOf(
                "Where tokens come from: the API, a file, or they are made from the secret.",
                [
                    .choice("From the API, or made.", TokensText.words, standard: TokensText.fetch),
                    .mapping("From a file.", TokensKey.self),
                ])
        case .firstResponse: .flag("The server says in a first text message whether the login was accepted.")
        }
    }
}

/// The keys of `openim.tokens`.
enum TokensKey: String, ProfileKey {
    case file

    var isRequired: Bool { true }

    var schema: SchemaValue { .oneLine("CSV userID,platformID,token or NDJSON with these keys.") }
}

/// The words of `openim.tokens` and `--tokens`.
enum TokensText {
    static let fetch = "fetch"
    static let mint = "mint"
    static let words = [fetch, mint]

    /// nil for any other text.
    static func tokens(_ text: String) -> OpenIMPlan.Tokens? {
        switch text {
        case fetch: .fetch
        case mint: .mint
        default: nil
        }
    }
}
