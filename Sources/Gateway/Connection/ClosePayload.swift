internal import NIOCore

/// The body of a close frame (RFC 6455 §5.5.1).
enum ClosePayload {
    enum Parsed: Equatable {
        /// nil: the body was empty.
        case code(UInt16?)
        case fault(WireFault)
    }

    static func parse(_ payload: ByteBuffer) -> Parsed {
        guard payload.readableBytes > 0 else { return .code(nil) }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt16.self) else {
            return .fault(.closeBodyOfOneByte)
        }
        guard CloseCode.isAllowedOnWire(code) else { return .fault(.closeCodeNotAllowed) }
        var reason = payload
        reason.moveReaderIndex(forwardBy: 2)
        guard reason.isValidUTF8 else { return .fault(.invalidUTF8) }
        return .code(code)
    }

    /// A body of the code and a reason, which must fit in 123 bytes.
    static func make(code: UInt16, reason: StaticString, allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = FrameBuffer.empty(payloadBytes: 2 + reason.utf8CodeUnitCount, allocator: allocator)
        buffer.writeInteger(code)
        buffer.writeStaticString(reason)
        return buffer
    }
}
