/// What some of the accounts do; a `roles` step gives each account one, by its number.
package struct Role: Codable, Equatable, Sendable {
    /// So many of the accounts that the roles before it have left; nil, of the last role alone: all that are left.
    package var accounts: Int?
    /// May be empty: then nothing is done.
    package var steps: [Step]

    package init(accounts: Int? = nil, steps: [Step]) {
        self.accounts = accounts
        self.steps = steps
    }
}
