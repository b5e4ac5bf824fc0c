/// The server's answer to the opening handshake (RFC 6455 §4.1), judged from all bytes received so far.
package enum UpgradeResponse {
    package enum Result: Equatable, Sendable {
        /// Call again with more bytes behind these.
        case incomplete
        /// The connection is a WebSocket; bytes from `headBytes` on are frames.
        ///
        /// `subprotocol` is the place of the chosen sub-protocol in the offer, -1 when the server chose none.
        case accepted(headBytes: Int, subprotocol: Int)
        /// A complete HTTP head with another status; its body begins at `headBytes`.
        ///
        /// `bodyBytes` is the body's length, nil when the head does not tell it.
        case rejected(status: Int, headBytes: Int, bodyBytes: Int?)
        /// Not HTTP, or a 101 that must be refused. More bytes do not change it.
        case invalid(HandshakeViolation)
    }

    /// Longest response head accepted, interim responses (1xx) before it included.
    package static let maxHeadBytes = 16 * 1024

    /// Judges the answer; allocates nothing.
    ///
    /// - Parameters:
    ///   - input: Everything received on the connection so far.
    ///   - key: The key that was sent.
    ///   - offer: What was offered in the request.
    package static func parse(_ input: UnsafeRawBufferPointer, key: HandshakeKey, offer: HandshakeOffer) -> Result {
        guard let base = input.baseAddress, !input.isEmpty else { return .incomplete }
        var lines = HTTPLineReader(base, count: input.count, maxBytes: maxHeadBytes)
        while true {
            switch ResponseHead.read(&lines, in: input) {
            case .incomplete: return .incomplete
            case .violation(let violation): return .invalid(violation)
            case .complete(let head) where head.isInterim: continue
            case .complete(let head):
                guard head.statusLine.status == 101 else {
                    return .rejected(
                        status: head.statusLine.status, headBytes: lines.offset, bodyBytes: head.bodyBytes)
                }
                let (subprotocol, violation) = head.subprotocol(key: key, offer: offer)
                if let violation { return .invalid(violation) }
                return .accepted(headBytes: lines.offset, subprotocol: subprotocol)
            }
        }
    }

    /// The reason phrase of the final status line, fit for a report: printable ASCII, other bytes as `?`; empty when there is none.
    package static func statusReason(_ input: UnsafeRawBufferPointer) -> String {
        guard let base = input.baseAddress else { return "" }
        var lines = HTTPLineReader(base, count: input.count, maxBytes: maxHeadBytes)
        while case .complete(let head) = ResponseHead.read(&lines, in: input) {
            guard !head.isInterim else { continue }
            let printable = head.statusLine.reason.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
            return String(decoding: printable, as: UTF8.self)
        }
        return ""
    }
}
