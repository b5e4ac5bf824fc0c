/// What it means that the server closes a login because of a newer one of the same account.
package struct Kick: Codable, Equatable, Sendable {
    /// Close codes by which the server says so; of the range for private use (RFC 6455 §7.4.2), each once.
    package var codes: [UInt16]
    /// The load provokes kicks, so that they are no failures.
    package var expected: Bool

    package init(codes: [UInt16] = Kick.defaultCodes, expected: Bool = false) {
        self.codes = codes
        self.expected = expected
    }

    /// 4001, as the bundled gateway sends.
    package static let defaultCodes: [UInt16] = [4001]
}
