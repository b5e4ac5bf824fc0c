/// Text with placeholders `{account}`, `{index}`, `{login}`, `{iteration}`, `{sequence}`, `{random}`; `{{` and `}}` are braces.
///
/// Where a login says who it is, `{token}` and `{platform}` too.
package struct Template: Codable, Equatable, Sendable {
    package enum Placeholder: String, Codable, CaseIterable, Sendable {
        /// The account's id.
        case account
        /// The account's number, from 0; the same for all of its logins.
        case index
        /// Which of the account's logins it is, from 0.
        case login
        /// The account's iterations begun so far, from 0.
        case iteration
        /// The number of the account's latest message in this run, from 1: a `receive` means the same one as the `send` before it.
        case sequence
        /// 16 hexadecimal digits from the account's seeded generator.
        case random
        /// The login's token; of a dialect that has tokens.
        case token
        /// The login's platform number; of a dialect that has platforms.
        case platform

        /// By which a login says who it is: they stand in the opening handshake, and nowhere else.
        package static let credentials: Set<Placeholder> = [.token, .platform]
    }

    package enum Segment: Codable, Equatable, Sendable {
        case literal([UInt8])
        case placeholder(Placeholder)
    }

    package var segments: [Segment]

    package init(segments: [Segment]) {
        self.segments = segments
    }

    /// The same text always.
    package init(literal text: String) {
        self.init(bytes: Array(text.utf8))
    }

    /// The same bytes always.
    package init(bytes: [UInt8]) {
        segments = bytes.isEmpty ? [] : [.literal(bytes)]
    }
}

extension Template {
    /// Placeholders in use.
    package var placeholders: Set<Placeholder> {
        Set(segments.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } })
    }

    /// Bytes of the parts that are the same every time: the least that any rendering has.
    package var literalByteCount: Int {
        segments.reduce(0) { if case .literal(let bytes) = $1 { $0 + bytes.count } else { $0 } }
    }

    /// The text when it has no placeholders, otherwise nil.
    ///
    /// Undecodable bytes are replaced.
    package var literalText: String? {
        guard placeholders.isEmpty else { return nil }
        return String(decoding: literalBytes, as: UTF8.self)
    }

    /// The bytes of all literal parts, one after the other.
    package var literalBytes: [UInt8] {
        segments.flatMap { if case .literal(let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    /// What one would write in a profile: `init(parsing:)` of it is this template again.
    package var sourceText: String {
        segments.map { segment in
            switch segment {
            case .literal(let bytes):
                String(decoding: bytes, as: UTF8.self)
                    .map { $0 == "{" ? "{{" : $0 == "}" ? "}}" : String($0) }.joined()
            case .placeholder(let placeholder): "{\(placeholder.rawValue)}"
            }
        }.joined()
    }
}
