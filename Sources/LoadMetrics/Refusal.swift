/// A refused opening handshake, kept as an example: what the server said instead of 101.
package struct Refusal: Codable, Equatable, Sendable {
    package var status: Int
    package var reason: String
    /// At most 4 KiB of the body, undecodable bytes replaced.
    package var body: String

    package init(status: Int, reason: String, body: String) {
        self.status = status
        self.reason = reason
        self.body = body
    }
}
