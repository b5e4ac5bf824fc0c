// The section `openim`, and what belongs to one dialect only.
extension ProfileDecoder {
    static let openIMHint = "write dialect: openim"

    /// The dialect; nil when it cannot be told, and then nobody is told what belongs to which.
    mutating func decodeDialect(_ value: DocumentValue?) -> Dialect? {
        guard let value else { return .plain }
        return word(value, of: Self.dialects).flatMap { Dialect(rawValue: $0) }
    }

    /// Reports what the profile's dialect does not have.
    mutating func require(
        _ wanted: Dialect, for what: String, at value: DocumentValue, hint: @autoclosure () -> String? = nil
    ) {
        guard let dialect, dialect != wanted else { return }
        problems.add(
            "\(what) belongs to dialect: \(wanted.rawValue)", at: value,
            hint: hint() ?? (wanted == .openim ? Self.openIMHint : nil))
    }

    /// Why a template cannot say who a login is; nil when it does not, or can.
    func credentialFault(in template: Template) -> String? {
        guard dialect == .plain, let placeholder = template.credentials.first else { return nil }
        return "{\(placeholder.rawValue)} belongs to dialect: openim"
    }

    /// How OpenIM is spoken, after the command line's say; nil with another dialect.
    ///
    /// What the profile says of its own target's API and version goes with that target.
    mutating func decodeOpenIM(
        _ value: DocumentValue?, target written: DocumentValue?, resolved target: Target?, options: OverrideReader
    ) -> OpenIMPlan? {
        let fields = value.flatMap { self.fields(of: $0, as: OpenIMKey.self) } ?? Fields()
        var plan = decodeOpenIM(fields)
        if let value { require(.openim, for: "openim", at: value) }
        if dialect == .plain { reportOptionsOfOpenIM(options) }
        guard dialect == .openim else { return nil }

        let isBundledProfile = Self.isBundled(written)
        if let api = fields[.api], isBundledProfile {
            problems.add(
                "the bundled gateway has an API of its own", at: api, hint: "leave api out, or name a target")
        }
        versions = (fields[.version] == nil ? nil : plan.version, options.openIMVersion)
        if plan.encoding == .json, let given = fields[.encoding] { requireLaterVersion(for: "json", at: given) }
        if plan.ping == .text, let given = fields[.ping] { requireLaterVersion(for: "a text ping", at: given) }
        if plan.firstResponse, let given = fields[.firstResponse] {
            requireLaterVersion(for: "first_response (isMsgResp)", at: given)
        }

        if let target {
            let isBundled = target == .bundled
            if isBundled != isBundledProfile { plan.version = nil }
            if options.target != nil { plan.api = nil }
            if isBundled, options.hasOpenIMAPI {
                problems.add(
                    "has no meaning with the bundled gateway, which has an API of its own", option: "--openim-api")
            }
        }
        plan.version = options.openIMVersion ?? plan.version
        plan.secret = options.openIMSecret ?? plan.secret
        plan.tokens = options.tokens ?? plan.tokens
        plan.api = options.openIMAPI ?? plan.api
        if case .url? = target, plan.tokens == .fetch, plan.api == nil, !options.hasOpenIMAPI {
            reportMissingAPI(fields, at: value ?? written, options: options)
        }
        return plan
    }

    private mutating func reportMissingAPI(
        _ fields: Fields<OpenIMKey>, at value: DocumentValue?, options: OverrideReader
    ) {
        let message = "tokens are fetched from the API, and nothing says where that is"
        if options.target != nil {
            let hint = fields[.api] == nil ? "" : "; the profile's openim.api goes with its own target"
            problems.add(message, option: "--target", hint: "give --openim-api http://HOST:10002" + hint)
        } else if let value, fields[.api] == nil {
            problems.add(message, at: value, hint: "give openim.api or --openim-api")
        }
    }

    private mutating func reportOptionsOfOpenIM(_ options: OverrideReader) {
        let given: [(option: String, isGiven: Bool)] = [
            ("--openim-api", options.hasOpenIMAPI), ("--openim-version", options.openIMVersion != nil),
            ("--tokens", options.tokens != nil), ("--login-policy", options.openIMLoginPolicy != nil),
        ]
        for case (let option, true) in given {
            problems.add("has a meaning with dialect: openim only, and the profile's is plain", option: option)
        }
    }

    /// Reports what 3.5.1 does not understand, where that version is said.
    mutating func requireLaterVersion(for what: String, at value: DocumentValue) {
        let message = "OpenIM 3.5.1 does not understand \(what)"
        if versions.written == .v3_5_1 {
            problems.add(message, at: value, hint: "3.8 does")
        } else if versions.option == .v3_5_1 {
            problems.add(message + ", which the profile wants", option: "--openim-version")
        }
    }

    private mutating func decodeOpenIM(_ fields: Fields<OpenIMKey>) -> OpenIMPlan {
        var plan = OpenIMPlan()
        plan.api = fields[.api].flatMap { decodeAPI($0) }
        plan.version = fields[.version]
            .flatMap { word($0, of: OpenIMPlan.Version.allCases.map(\.rawValue)) }.flatMap { .init(rawValue: $0) }
        plan.secret = fields[.secret].flatMap { line($0, expected: "a secret") } ?? plan.secret
        plan.adminID = fields[.admin].flatMap { line($0, expected: "a user ID") }
        plan.platforms = fields[.platforms].map { decodePlatforms($0) } ?? plan.platforms
        plan.encoding =
            fields[.encoding].flatMap { word($0, of: OpenIMPlan.Encoding.allCases.map(\.rawValue)) }
            .flatMap { .init(rawValue: $0) } ?? plan.encoding
        plan.compression = fields[.compression].flatMap { flag($0) } ?? false
        plan.firstResponse = fields[.firstResponse].flatMap { flag($0) } ?? false
        plan.ping =
            fields[.ping].flatMap { word($0, of: OpenIMPlan.Ping.allCases.map(\.rawValue)) }
            .flatMap { .init(rawValue: $0) } ?? plan.ping
        plan.tokens = fields[.tokens].flatMap { decodeTokens($0) } ?? plan.tokens
        return plan
    }

    private mutating func decodeAPI(_ value: DocumentValue) -> String? {
        guard let text = text(value, expected: "http://HOST:PORT") else { return nil }
        do throws(TextProblem) {
            return try APIAddress.parse(text)
        } catch {
            problems.add(error, in: value)
            return nil
        }
    }

    private mutating func decodePlatforms(_ value: DocumentValue) -> [Int] {
        guard let items = list(value, of: "platforms") else { return [] }
        if items.isEmpty { problems.add("expected at least one platform", at: value, hint: "leave platforms out") }
        var platforms: [Int] = []
        for item in items {
            guard let text = text(item, expected: "a platform") else { continue }
            guard let platform = PlatformText.number(text) else {
                problems.add(
                    "expected a platform (\(PlatformText.names.joined(separator: ", ")) or 1 to 9), found \(item.found)",
                    at: item, hint: NearestName.find(text, in: PlatformText.names).map { "did you mean \($0)?" })
                continue
            }
            platforms.append(platform)
        }
        return platforms
    }

    private mutating func decodeTokens(_ value: DocumentValue) -> OpenIMPlan.Tokens? {
        if case .scalar = value.content {
            return word(value, of: TokensText.words).flatMap { TokensText.tokens($0) }
        }
        return fields(of: value, as: TokensKey.self)?[.file]
            .flatMap { line($0, expected: "the name of a file") }.map { .file($0) }
    }
}

extension Template {
    /// Those in use that say who a login is, in the order of their names.
    var credentials: [Placeholder] {
        placeholders.intersection(Placeholder.credentials).sorted { $0.rawValue < $1.rawValue }
    }
}
