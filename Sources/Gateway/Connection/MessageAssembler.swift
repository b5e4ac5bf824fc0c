internal import NIOCore
internal import NIOWebSocket

/// Puts the frames of a message together (RFC 6455 §5.4) and checks them.
struct MessageAssembler {
    enum Result: Equatable {
        case message(WebSocketOpcode, ByteBuffer)
        case incomplete
        case fault(WireFault)
    }

    /// Set between the first and the last fragment.
    private var opcode: WebSocketOpcode?
    private var fragments = ByteBuffer()

    /// The fault that any frame may have, whatever its kind.
    static func headerFault(of frame: WebSocketFrame) -> WireFault? {
        if frame.rsv1 || frame.rsv2 || frame.rsv3 { return .reservedBits }
        switch frame.opcode {
        case .continuation, .text, .binary, .connectionClose, .ping, .pong: break
        default: return .reservedOpcode
        }
        return frame.maskKey == nil ? .unmasked : nil
    }

    /// Takes a text, binary or continuation frame.
    mutating func append(_ frame: WebSocketFrame, maxBytes: Int, allocator: ByteBufferAllocator) -> Result {
        if frame.opcode == .continuation {
            return appendContinuation(frame, maxBytes: maxBytes)
        }
        guard opcode == nil else { return .fault(.messageInsideMessage) }
        guard frame.length <= maxBytes else { return .fault(.messageTooBig) }
        let payload = FrameBuffer.unmasking(frame, allocator: allocator)
        guard frame.fin else {
            opcode = frame.opcode
            fragments = payload
            return .incomplete
        }
        return checked(frame.opcode, payload)
    }

    private mutating func appendContinuation(_ frame: WebSocketFrame, maxBytes: Int) -> Result {
        guard let opcode else { return .fault(.nothingToContinue) }
        guard frame.length <= maxBytes - fragments.readableBytes else { return .fault(.messageTooBig) }
        fragments.writeUnmasked(frame)
        guard frame.fin else { return .incomplete }
        let payload = fragments
        fragments = ByteBuffer()
        self.opcode = nil
        return checked(opcode, payload)
    }

    private func checked(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) -> Result {
        if opcode == .text, !payload.isValidUTF8 {
            return .fault(.invalidUTF8)
        }
        return .message(opcode, payload)
    }
}
