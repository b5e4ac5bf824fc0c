/// What a `receive` step waits for.
///
/// Other messages in between are taken too, and counted as unclaimed.
package struct Receive: Codable, Equatable, Sendable {
    package enum Match: Codable, Equatable, Sendable {
        case any
        case equals(Template)
        case contains(Template)
        /// The answer to a `send`; of a dialect that has requests.
        case ack
        /// A message that the server has pushed; of a dialect that pushes.
        case push(PushSource)
    }

    /// Whose message a push brings.
    package enum PushSource: Codable, Equatable, Sendable {
        /// The account's own: servers push it to all of its logins, the sending one too.
        case own
        case any
        /// Another account's.
        case others
        /// That of one user ID.
        case from(Template)
    }

    package var match: Match
    /// Messages that must match.
    package var count: Int
    /// For all of them together; nil: `timeouts.receive`.
    package var timeout: Duration?

    package init(match: Match = .any, count: Int = 1, timeout: Duration? = nil) {
        self.match = match
        self.count = count
        self.timeout = timeout
    }
}
