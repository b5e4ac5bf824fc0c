/// To whom an account sends, or whom it asks about; indices are those of the run's accounts.
package enum Recipient: Codable, Equatable, Sendable {
    /// Itself.
    case oneself
    /// 0 and 1, 2 and 3, … to each other; without a partner to itself.
    case pair
    /// The next account; the last one to the first.
    case ring
    /// Any other account, drawn from the client's seeded generator.
    case random
    /// One of the first so many accounts, in turn.
    case hot(accounts: Int)
    case group(Template)
    /// A user ID; may be none of the run's.
    case user(Template)
}
