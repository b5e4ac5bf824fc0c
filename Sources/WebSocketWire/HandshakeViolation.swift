/// Why an answer to the upgrade request is not an opening handshake (RFC 6455 §4.1) or not HTTP/1.1 (RFC 9112).
package enum HandshakeViolation: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    // HTTP
    case notHTTP
    case malformedStatusLine
    case headTooLarge
    case bareLineFeed
    case bareCarriageReturn
    case nulByte
    case foldedHeader
    case malformedHeader
    // a 101 that does not switch to WebSocket
    case versionNotSupported
    case upgradeMissing
    case upgradeNotWebSocket
    case connectionNotUpgrade
    case acceptMissing
    case acceptRepeated
    case acceptWrong
    case unrequestedExtension
    case subprotocolRepeated
    case subprotocolNotOffered

    /// The name in reports; it never changes.
    package var slug: String {
        switch self {
        case .notHTTP: "not_http"
        case .malformedStatusLine: "malformed_status_line"
        case .headTooLarge: "head_too_large"
        case .bareLineFeed: "bare_line_feed"
        case .bareCarriageReturn: "bare_carriage_return"
        case .nulByte: "nul_byte"
        case .foldedHeader: "folded_header"
        case .malformedHeader: "malformed_header"
        case .versionNotSupported: "http_version_not_supported"
        case .upgradeMissing: "upgrade_missing"
        case .upgradeNotWebSocket: "upgrade_not_websocket"
        case .connectionNotUpgrade: "connection_not_upgrade"
        case .acceptMissing: "accept_missing"
        case .acceptRepeated: "accept_repeated"
        case .acceptWrong: "accept_wrong"
        case .unrequestedExtension: "unrequested_extension"
        case .subprotocolRepeated: "subprotocol_repeated"
        case .subprotocolNotOffered: "subprotocol_not_offered"
        }
    }
}

extension HandshakeViolation: CustomStringConvertible {
    /// What came and what was expected, in one sentence without a full stop.
    package var description: String {
        switch self {
        case .notHTTP: "the server did not answer in HTTP; expected a reply that begins with \"HTTP/1.1 \""
        case .malformedStatusLine: "the status line is malformed; expected \"HTTP/1.1 101 Switching Protocols\""
        case .headTooLarge: "the response head is longer than 16 KiB; expected its empty last line before that"
        case .bareLineFeed: "a line of the response head ends in LF alone; expected CR LF"
        case .bareCarriageReturn: "a line of the response head contains a CR; expected it only before LF"
        case .nulByte: "the response head contains a NUL byte"
        case .foldedHeader: "a header line begins with white space; expected \"Name: value\" (folding is obsolete)"
        case .malformedHeader: "a header line is malformed; expected \"Name: value\" without a space before the colon"
        case .versionNotSupported: "the server switched protocols in another version of HTTP; expected HTTP/1.1"
        case .upgradeMissing: "the 101 response has no Upgrade header; expected \"Upgrade: websocket\""
        case .upgradeNotWebSocket: "the 101 response upgrades to something else; expected \"Upgrade: websocket\""
        case .connectionNotUpgrade: "the 101 response does not say \"Connection: Upgrade\""
        case .acceptMissing: "the 101 response has no Sec-WebSocket-Accept header"
        case .acceptRepeated: "the 101 response has more than one Sec-WebSocket-Accept header; expected one"
        case .acceptWrong:
            "Sec-WebSocket-Accept does not match the key that was sent; a cache or a wrong server may have answered"
        case .unrequestedExtension: "the server chose a WebSocket extension although none was offered"
        case .subprotocolRepeated:
            "the 101 response has more than one Sec-WebSocket-Protocol header; expected at most one"
        case .subprotocolNotOffered: "the server chose a sub-protocol that was not offered"
        }
    }
}
