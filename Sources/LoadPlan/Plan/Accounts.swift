/// Who comes online.
package struct Accounts: Codable, Equatable, Sendable {
    package var count: Int
    /// What `{account}` stands for.
    ///
    /// Only `{index}` is meaningful.
    package var id: Template

    package init(count: Int, id: Template = Accounts.defaultID) {
        self.count = count
        self.id = id
    }

    /// `user-{index}`.
    package static let defaultID = Template(segments: [.literal(Array("user-".utf8)), .placeholder(.index)])
}
