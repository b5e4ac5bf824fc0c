/// What messages mean.
package enum Dialect: String, Codable, CaseIterable, Sendable {
    /// Messages are text or bytes, and nothing more.
    case plain
    /// Requests, answers and pushes of OpenIM's message gateway.
    case openim
}
