extension FrameReader {
    private var isFinal: Bool { firstByte & 0x80 != 0 }

    /// FIN, RSV, opcode, and the order of fragments.
    mutating func takeFirstByte(_ byte: UInt8) -> ProtocolViolation? {
        guard byte & 0x70 == 0 else { return .reservedBits }
        guard let opcode = Opcode(rawValue: byte & 0x0F) else { return .reservedOpcode }
        firstByte = byte
        switch opcode {
        case .close, .ping, .pong:
            guard isFinal else { return .fragmentedControlFrame }
        case .continuation:
            guard isInMessage else { return .unexpectedContinuation }
        case .text, .binary:
            guard !isInMessage else { return .interleavedMessage }
            message = opcode
            messageBudget = maxMessageBytes
            isFirstPart = true
        }
        stage = .length
        return nil
    }

    /// MASK and the 7-bit length.
    mutating func takeLength(_ byte: UInt8) -> ProtocolViolation? {
        guard byte & 0x80 == 0 else { return .maskedFrame }
        let isControl = firstByte & 0x08 != 0
        if isControl {
            guard byte <= 125 else { return .controlFrameTooLong }
            // The first two bytes of a close payload are its code.
            if firstByte & 0x0F == Opcode.close.rawValue, byte == 1 { return .closePayloadTooShort }
            smallCount = 0
            frameBytesLeft = UInt64(byte)
            stage = .controlPayload
            return nil
        }
        switch byte {
        case 126:
            stage = .length16
            smallCount = 2
        case 127:
            stage = .length64
            smallCount = 8
        default: return announce(UInt64(byte))
        }
        frameBytesLeft = 0
        return nil
    }

    /// One byte of a 16- or 64-bit length, most significant first.
    mutating func takeExtendedLength(_ byte: UInt8) -> ProtocolViolation? {
        if smallCount == 8, byte & 0x80 != 0 { return .lengthTopBit }
        frameBytesLeft = frameBytesLeft << 8 | UInt64(byte)
        smallCount -= 1
        guard smallCount == 0 else { return nil }
        let shortestAllowed: UInt64 = stage == .length16 ? 126 : 0x1_0000
        guard frameBytesLeft >= shortestAllowed else { return .lengthNotMinimal }
        return announce(frameBytesLeft)
    }

    private mutating func announce(_ payloadBytes: UInt64) -> ProtocolViolation? {
        guard payloadBytes <= messageBudget else { return .messageTooBig }
        messageBudget -= payloadBytes
        frameBytesLeft = payloadBytes
        stage = .messagePayload
        return nil
    }

    /// An unfragmented message that lies in the input whole, the usual case; nil, and nothing changed, for anything else.
    @inline(__always)
    mutating func wholeMessage(_ base: UnsafeRawPointer, count: Int, at offset: inout Int) -> Event? {
        let first = base.load(fromByteOffset: offset, as: UInt8.self)
        guard first == 0x81 || first == 0x82 else { return nil }
        var length = Int(base.load(fromByteOffset: offset + 1, as: UInt8.self))
        var start = offset + 2
        if length == 126, count - start >= 2 {
            length = Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: start, as: UInt16.self)))
            start += 2
            guard length > 125 else { return nil }
        } else if length > 125 {
            return nil
        }
        guard count - start >= length, UInt64(length) <= maxMessageBytes else { return nil }
        let range = Range(uncheckedBounds: (start, start + length))
        guard first == 0x81 else {
            offset = range.upperBound
            return .messagePart(opcode: .binary, range: range, isFirst: true, isLast: true)
        }
        var validator = UTF8Validator()
        guard validator.consume(UnsafeRawBufferPointer(start: base + start, count: length)), validator.isAtBoundary
        else { return fail(.invalidText) }
        offset = range.upperBound
        return .messagePart(opcode: .text, range: range, isFirst: true, isLast: true)
    }

    /// As much of a data frame's payload as the input holds.
    mutating func messagePayload(_ base: UnsafeRawPointer, count: Int, at offset: inout Int) -> Event {
        let taken = Int(min(UInt64(count - offset), frameBytesLeft))
        let range = offset..<(offset + taken)
        if message == .text {
            guard text.consume(UnsafeRawBufferPointer(start: base + offset, count: taken)) else {
                return fail(.invalidText)
            }
        }
        offset += taken
        frameBytesLeft -= UInt64(taken)
        guard frameBytesLeft > 0 else { return endFrame(part: range) }
        defer { isFirstPart = false }
        return .messagePart(opcode: message, range: range, isFirst: isFirstPart, isLast: false)
    }

    /// The last bytes of a data frame.
    mutating func endFrame(part range: Range<Int>) -> Event {
        let event = Event.messagePart(opcode: message, range: range, isFirst: isFirstPart, isLast: isFinal)
        isFirstPart = false
        stage = .start
        guard isFinal else { return event }
        guard text.isAtBoundary else { return fail(.invalidText) }
        message = .continuation
        return event
    }

    mutating func endControlFrame() -> Event {
        stage = .start
        switch Opcode(rawValue: firstByte & 0x0F) {
        case .ping: return .ping(length: Int(smallCount))
        case .pong: return .pong(length: Int(smallCount))
        default: return endCloseFrame()
        }
    }

    private mutating func endCloseFrame() -> Event {
        stage = .closed
        guard smallCount > 0 else { return .close(code: nil, reasonLength: 0) }
        // Two bytes at least: one was refused at the header.
        let (code, isReasonValid) = withControlPayload { payload in
            var reason = UTF8Validator()
            let isValid = reason.consume(UnsafeRawBufferPointer(rebasing: payload[2...])) && reason.isAtBoundary
            return (UInt16(payload[0]) << 8 | UInt16(payload[1]), isValid)
        }
        guard CloseCode.isAllowedOnWire(code) else { return fail(.closeCodeNotAllowed) }
        guard isReasonValid else { return fail(.invalidCloseReason) }
        return .close(code: code, reasonLength: Int(smallCount) - 2)
    }
}
