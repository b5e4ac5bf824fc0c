/// Reads the frames a server sends (RFC 6455 §5), piece by piece and without a buffer.
///
/// Header bytes and control payloads are kept inside; message payloads are handed out in place as ranges of the input. Every rule is
/// checked at the first byte that can break it: a frame that is too long is refused at its header, invalid UTF-8 at the offending byte.
///
/// Call ``next(_:at:)`` until it returns ``Event/needMoreBytes``. A close frame ends the stream: bytes behind it are consumed unread
/// (§5.5.1 forbids the peer to send any that matter).
package struct FrameReader: BitwiseCopyable, Sendable {
    package enum Event: Equatable, Sendable {
        /// The input is consumed wholly.
        case needMoreBytes
        /// Some bytes of a message, at `range` of the input. `opcode` is `.text` or `.binary`, never `.continuation`.
        ///
        /// `isFirst` and `isLast` refer to the message, not to the frame. The range is empty for a frame without payload. The parts of a
        /// text message are valid UTF-8 when joined; a part may end within a character unless `isLast`.
        case messagePart(opcode: Opcode, range: Range<Int>, isFirst: Bool, isLast: Bool)
        /// A ping; its payload is in ``FrameReader/withControlPayload(_:)`` until the next call.
        case ping(length: Int)
        /// A pong; its payload is in ``FrameReader/withControlPayload(_:)`` until the next call.
        case pong(length: Int)
        /// A close frame with an allowed code or none, and a valid UTF-8 reason, which begins at byte 2 of the control payload.
        case close(code: UInt16?, reasonLength: Int)
        /// The peer broke the protocol. Terminal: every later call returns the same.
        case violation(ProtocolViolation)
    }

    /// What the next byte is.
    enum Stage: UInt8, BitwiseCopyable {
        /// FIN, RSV and opcode.
        case start
        /// MASK and the 7-bit length.
        case length
        /// A byte of the 16-bit length.
        case length16
        /// A byte of the 64-bit length.
        case length64
        case messagePayload
        case controlPayload
        /// Behind a close frame.
        case closed
        case violated
    }

    // The fields read for every frame come first and fill half a cache line; what control frames and faults need comes last.

    /// Longest message accepted, bytes.
    let maxMessageBytes: UInt64
    /// Bytes the fragments of the message under way may still announce.
    var messageBudget: UInt64
    /// Payload bytes of the frame still to come; within `.length16` and `.length64` the length read so far.
    var frameBytesLeft: UInt64 = 0
    var text = UTF8Validator()
    var stage = Stage.start
    /// First byte of the frame under way: FIN and opcode.
    var firstByte: UInt8 = 0
    /// Type of the message under way, `.continuation` when there is none.
    var message = Opcode.continuation
    var isFirstPart = false
    /// Bytes of `control` in use; within `.length16` and `.length64` the length bytes still missing.
    var smallCount: UInt8 = 0
    private var violation = ProtocolViolation.reservedBits
    private var control = InlineArray<125, UInt8>(repeating: 0)

    /// - Parameter maxMessageBytes: Longest message accepted, all its fragments together; at least 0.
    package init(maxMessageBytes: Int) {
        self.maxMessageBytes = UInt64(max(0, maxMessageBytes))
        messageBudget = self.maxMessageBytes
    }

    /// Whether a message has begun and not ended.
    package var isInMessage: Bool { message != .continuation }

    /// Reads on in `input` at `offset` and moves `offset` behind what it has read, never beyond the input's end.
    ///
    /// - Parameters:
    ///   - input: Bytes as they came; ranges in the event refer to it.
    ///   - offset: Where to go on, 0…`input.count`.
    package mutating func next(_ input: UnsafeRawBufferPointer, at offset: inout Int) -> Event {
        precondition(offset >= 0 && offset <= input.count, "offset outside the input")
        guard let base = input.baseAddress else { return stage == .violated ? .violation(violation) : .needMoreBytes }
        if stage == .start, message == .continuation, input.count - offset >= 2 {
            if let event = wholeMessage(base, count: input.count, at: &offset) { return event }
        }
        while offset < input.count {
            switch stage {
            case .start:
                let byte = base.load(fromByteOffset: offset, as: UInt8.self)
                offset += 1
                if let broken = takeFirstByte(byte) { return fail(broken) }
            case .length:
                let byte = base.load(fromByteOffset: offset, as: UInt8.self)
                offset += 1
                if let broken = takeLength(byte) { return fail(broken) }
                if stage == .messagePayload, frameBytesLeft == 0 { return endFrame(part: offset..<offset) }
                if stage == .controlPayload, frameBytesLeft == 0 { return endControlFrame() }
            case .length16, .length64:
                let byte = base.load(fromByteOffset: offset, as: UInt8.self)
                offset += 1
                if let broken = takeExtendedLength(byte) { return fail(broken) }
            case .messagePayload:
                return messagePayload(base, count: input.count, at: &offset)
            case .controlPayload:
                let taken = min(input.count - offset, Int(frameBytesLeft))
                appendControl(base + offset, count: taken)
                offset += taken
                frameBytesLeft -= UInt64(taken)
                if frameBytesLeft == 0 { return endControlFrame() }
            case .closed:
                offset = input.count
            case .violated:
                return .violation(violation)
            }
        }
        return stage == .violated ? .violation(violation) : .needMoreBytes
    }

    /// Gives `body` the payload of the control frame that the last call returned; valid until the next call.
    package func withControlPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: control) { body(UnsafeRawBufferPointer(rebasing: $0[..<controlBytes])) }
    }

    /// Copies the payload of the control frame that the last call returned.
    ///
    /// - Parameter destination: Room for ``FrameWriter/maxControlPayloadBytes`` bytes.
    /// - Returns: The bytes copied.
    package func copyControlPayload(to destination: UnsafeMutableRawPointer) -> Int {
        withUnsafeBytes(of: control) { bytes in
            if let base = bytes.baseAddress { destination.copyMemory(from: base, byteCount: controlBytes) }
        }
        return controlBytes
    }

    private var controlBytes: Int { Int(smallCount) }

    mutating func fail(_ broken: ProtocolViolation) -> Event {
        stage = .violated
        violation = broken
        return .violation(broken)
    }

    /// Appends up to `count` bytes to the control payload, which has room for every length a header can announce.
    mutating func appendControl(_ bytes: UnsafeRawPointer, count: Int) {
        let used = controlBytes
        withUnsafeMutableBytes(of: &control) { storage in
            storage.baseAddress?.advanced(by: used).copyMemory(from: bytes, byteCount: count)
        }
        smallCount += UInt8(count)
    }
}
