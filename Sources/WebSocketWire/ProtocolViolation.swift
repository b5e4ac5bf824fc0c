/// A rule of RFC 6455 that bytes from the server broke.
///
/// The connection is to be failed with ``closeCode`` (§7.1.7).
package enum ProtocolViolation: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    /// RSV1, RSV2 or RSV3 is set although no extension was negotiated (§5.2).
    case reservedBits
    /// Opcode 3–7 or 11–15 (§5.2).
    case reservedOpcode
    /// Close, ping or pong without FIN (§5.5).
    case fragmentedControlFrame
    /// Close, ping or pong announcing more than 125 bytes (§5.5).
    case controlFrameTooLong
    /// A continuation frame while no message is under way (§5.4).
    case unexpectedContinuation
    /// A new message before the last fragment of the one under way (§5.4).
    case interleavedMessage
    /// The server masked a frame (§5.1).
    case maskedFrame
    /// A 16-bit length below 126 or a 64-bit length below 65,536 (§5.2).
    case lengthNotMinimal
    /// A 64-bit length with its top bit set (§5.2).
    case lengthTopBit
    /// The fragments announced so far are longer than the message size limit (§7.4.1, code 1009).
    case messageTooBig
    /// A text message that is not UTF-8 (§8.1).
    case invalidText
    /// A close frame with a payload of one byte, too short for a code (§5.5.1).
    case closePayloadTooShort
    /// A close code that must not be on the wire (§7.4).
    case closeCodeNotAllowed
    /// A close reason that is not UTF-8 (§5.5.1).
    case invalidCloseReason

    /// The code for the close frame that answers the violation.
    package var closeCode: UInt16 {
        switch self {
        case .messageTooBig: 1009
        case .invalidText, .invalidCloseReason: 1007
        default: 1002
        }
    }

    /// The name in reports; it never changes.
    package var slug: String {
        switch self {
        case .reservedBits: "reserved_bits"
        case .reservedOpcode: "reserved_opcode"
        case .fragmentedControlFrame: "fragmented_control_frame"
        case .controlFrameTooLong: "control_frame_too_long"
        case .unexpectedContinuation: "unexpected_continuation"
        case .interleavedMessage: "interleaved_message"
        case .maskedFrame: "masked_frame"
        case .lengthNotMinimal: "length_not_minimal"
        case .lengthTopBit: "length_top_bit"
        case .messageTooBig: "message_too_big"
        case .invalidText: "invalid_text"
        case .closePayloadTooShort: "close_payload_too_short"
        case .closeCodeNotAllowed: "close_code_not_allowed"
        case .invalidCloseReason: "invalid_close_reason"
        }
    }
}

extension ProtocolViolation: CustomStringConvertible {
    /// What the server did and what the protocol asks instead, in one sentence without a full stop.
    package var description: String {
        switch self {
        case .reservedBits: "the server set a reserved bit (RSV1–3) in a frame although no extension was negotiated"
        case .reservedOpcode: "the server sent a frame with a reserved opcode; 0, 1, 2, 8, 9 and 10 are defined"
        case .fragmentedControlFrame:
            "the server sent a close, ping or pong frame without FIN; control frames are never fragmented"
        case .controlFrameTooLong: "the server announced a close, ping or pong frame of more than 125 bytes"
        case .unexpectedContinuation: "the server sent a continuation frame although no message was under way"
        case .interleavedMessage: "the server began a message before the last fragment of the previous one"
        case .maskedFrame: "the server masked a frame; only clients mask"
        case .lengthNotMinimal: "the server wrote a payload length in a longer form than it needs"
        case .lengthTopBit: "the server announced a payload length of 2^63 bytes or more"
        case .messageTooBig: "the server announced a message longer than the limit set for this run"
        case .invalidText: "the server sent a text message that is not valid UTF-8"
        case .closePayloadTooShort: "the server sent a close frame with one byte of payload; a close code takes two"
        case .closeCodeNotAllowed: "the server sent a close code that must not appear in a frame"
        case .invalidCloseReason: "the server sent a close reason that is not valid UTF-8"
        }
    }
}
