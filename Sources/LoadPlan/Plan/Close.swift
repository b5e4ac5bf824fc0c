/// The closing handshake (RFC 6455 §7).
package struct Close: Codable, Equatable, Sendable {
    /// nil: no code in the close frame.
    package var code: UInt16?
    /// At most 123 bytes of UTF-8; empty without a code.
    package var reason: String

    package init(code: UInt16? = 1000, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Codes that a client may send: 1000–1003 and 1007–1011 (RFC 6455 §7.4.1), and 3000–4999 (§7.4.2).
    package static func isSendable(code: Int) -> Bool {
        switch code {
        case 1000...1003, 1007...1011, 3000...4999: true
        default: false
        }
    }

    /// The bytes that a close frame has for its reason: 125 of a control frame less two of the code (RFC 6455 §5.5).
    package static let maxReasonBytes = 123
}
