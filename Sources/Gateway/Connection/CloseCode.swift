/// Close codes of RFC 6455 §7.4.
enum CloseCode {
    static let normal: UInt16 = 1000
    static let goingAway: UInt16 = 1001
    static let protocolError: UInt16 = 1002
    /// Never on the wire: the peer's close frame had no code.
    static let noStatus: UInt16 = 1005
    /// Never on the wire: the connection ended without a close frame.
    static let abnormal: UInt16 = 1006
    static let invalidPayload: UInt16 = 1007
    static let messageTooBig: UInt16 = 1009
    /// The server cannot fulfil a request.
    static let internalError: UInt16 = 1011
    /// Ours (4000–4999 are for private use): a newer login of the account has taken over.
    static let replaced: UInt16 = 4001

    /// Whether a close frame may carry the code (§7.4.1, §7.4.2, and the IANA registry for 1012–1014).
    static func isAllowedOnWire(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
