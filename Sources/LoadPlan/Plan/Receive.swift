/// What a `receive` step waits for.
///
/// Other messages in between are taken too, and counted as unclaimed.
package struct Receive: Codable, Equatable, Sendable {
    package enum Match: Codable, Equatable, Sendable {
        case any
        case equals(Template)
        case contains(Template)
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
