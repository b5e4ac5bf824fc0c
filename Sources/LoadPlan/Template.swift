/// Text with placeholders `{account}`, `{index}`, `{iteration}`, `{sequence}`, `{random}`; `{{` and `}}` are braces.
package struct Template: Codable, Equatable, Sendable {
    package enum Placeholder: String, Codable, CaseIterable, Sendable {
        /// The account's id.
        case account
        /// The account's number, from 0.
        case index
        /// The account's iterations begun so far, from 0.
        case iteration
        /// Messages the account has sent in this run so far, from 0.
        case sequence
        /// 16 hexadecimal digits from the account's seeded generator.
        case random
    }

    package enum Segment: Codable, Equatable, Sendable {
        case literal([UInt8])
        case placeholder(Placeholder)
    }

    package var segments: [Segment]

    package init(segments: [Segment]) {
        self.segments = segments
    }
}
