internal import NIOCore
internal import NIOWebSocket

/// Buffers for the payload of frames that go out.
enum FrameBuffer {
    /// A server's frame header is at most this long (RFC 6455 §5.2, unmasked).
    private static let headerBytes = 10

    /// An empty buffer with room for the payload and, before it, for the header: so the encoder needs no second one.
    static func empty(payloadBytes: Int, allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: headerBytes + payloadBytes)
        buffer.moveWriterIndex(to: headerBytes)
        buffer.moveReaderIndex(to: headerBytes)
        return buffer
    }

    /// The payload of a frame as received, unmasked.
    static func unmasking(_ frame: WebSocketFrame, allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = empty(payloadBytes: frame.length, allocator: allocator)
        buffer.writeUnmasked(frame)
        return buffer
    }
}

extension ByteBuffer {
    /// Appends the unmasked payload of `frame` (RFC 6455 §5.3), eight bytes at a time.
    mutating func writeUnmasked(_ frame: WebSocketFrame) {
        let data = frame.data
        let count = data.readableBytes
        guard count > 0 else { return }
        guard let key = frame.maskKey else {
            writeImmutableBuffer(data)
            return
        }
        var keyWord: UInt64 = 0
        for index in 0..<8 {
            keyWord |= UInt64(key[index % 4]) << (8 * index)
        }
        data.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
                var offset = 0
                while offset + 8 <= count {
                    let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    target.storeBytes(of: (word ^ keyWord).littleEndian, toByteOffset: offset, as: UInt64.self)
                    offset += 8
                }
                while offset < count {
                    target[offset] = source[offset] ^ UInt8(truncatingIfNeeded: keyWord >> (8 * (offset % 8)))
                    offset += 1
                }
                return count
            }
        }
    }

    /// Whether the readable bytes are UTF-8 (RFC 3629).
    var isValidUTF8: Bool {
        (try? UTF8Span(validating: readableBytesUInt8Span)) != nil
    }
}
