/// Who comes online.
package struct Accounts: Codable, Equatable, Sendable {
    package var count: Int
    /// What `{account}` stands for.
    ///
    /// Only `{index}` is meaningful.
    package var id: Template
    /// Clients that play each account at once: its devices, or its tabs.
    package var logins: Int

    package init(count: Int, id: Template = Accounts.defaultID, logins: Int = 1) {
        self.count = count
        self.id = id
        self.logins = logins
    }

    /// Clients of all accounts; each has a connection of its own.
    ///
    /// Client *n* is login *n* mod `logins` of account *n* / `logins`, so that the logins of one account start one
    /// behind the other.
    package var clients: Int { count * logins }

    /// `user-{index}`.
    package static let defaultID = Template(segments: [.literal(Array("user-".utf8)), .placeholder(.index)])
}
