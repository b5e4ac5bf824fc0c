/// How a peer broke RFC 6455.
enum WireFault: Equatable {
    /// §5.2: a reserved bit is set though no extension was agreed on.
    case reservedBits
    /// §5.2: an opcode that nobody has defined.
    case reservedOpcode
    /// §5.1: a client's frames must be masked.
    case unmasked
    /// §5.4: a continuation frame without a message to continue.
    case nothingToContinue
    /// §5.4: a new message inside a fragmented one.
    case messageInsideMessage
    /// §5.5: a control frame that is fragmented or longer than 125 bytes.
    case badControlFrame
    /// §5.5.1.
    case closeBodyOfOneByte
    /// §7.4.1.
    case closeCodeNotAllowed
    /// §8.1: text or a close reason that is not UTF-8.
    case invalidUTF8
    case messageTooBig

    var closeCode: UInt16 {
        switch self {
        case .invalidUTF8: CloseCode.invalidPayload
        case .messageTooBig: CloseCode.messageTooBig
        default: CloseCode.protocolError
        }
    }

    /// Goes into the close frame's reason.
    var reason: StaticString {
        switch self {
        case .reservedBits: "a reserved bit is set"
        case .reservedOpcode: "reserved opcode"
        case .unmasked: "frame is not masked"
        case .nothingToContinue: "continuation without a message"
        case .messageInsideMessage: "new message inside a fragmented one"
        case .badControlFrame: "control frame is fragmented or too long"
        case .closeBodyOfOneByte: "close frame with one byte"
        case .closeCodeNotAllowed: "close code not allowed"
        case .invalidUTF8: "not UTF-8"
        case .messageTooBig: "message is too big"
        }
    }
}
