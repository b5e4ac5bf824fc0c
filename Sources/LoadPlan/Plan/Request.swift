/// A request of a dialect other than a message: sent, and its answer waited for within `timeouts.receive`.
package enum Request: Codable, Equatable, Sendable {
    /// The newest sequence number of each conversation (1001).
    case newestSequence
    /// The latest messages of a conversation with another account (1002), at most `count`.
    case pull(with: Recipient, count: Int)
    /// The app goes to the background, or comes back (2004).
    case background(Bool)
    /// The online status of accounts (2005); understood by OpenIM 3.8 only.
    case subscribe(to: Recipient)
}
