internal import CZlib
internal import NIOCore

/// Whole gzip streams (RFC 1952), one message each; loop-bound, since it keeps zlib's state between them.
///
/// Streams begin as Go's do: no time, no name, system unknown.
final class GzipCodec {
    enum Malformed: Error, Equatable {
        case notGzip
        case truncated
        case tooLong
    }

    /// zlib's window of 32 KiB, with gzip's header and trailer.
    private static let windowBits: CInt = 15 + 16
    /// What a message may inflate to. OpenIM has no such limit; of 51,200 bytes deflate makes 53 million at most.
    static let maxInflatedBytes = 64 << 20

    private let deflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let header = UnsafeMutablePointer<gz_header>.allocate(capacity: 1)

    init() {
        deflater.initialize(to: z_stream())
        inflater.initialize(to: z_stream())
        header.initialize(to: gz_header())
        header.pointee.os = 255
        let size = CInt(MemoryLayout<z_stream>.size)
        let status = deflateInit2_(
            deflater, 6, Z_DEFLATED, Self.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        precondition(status == Z_OK, "deflateInit2: \(status)")
        let otherStatus = inflateInit2_(inflater, Self.windowBits, ZLIB_VERSION, size)
        precondition(otherStatus == Z_OK, "inflateInit2: \(otherStatus)")
    }

    deinit {
        deflateEnd(deflater)
        inflateEnd(inflater)
        deflater.deallocate()
        inflater.deallocate()
        header.deallocate()
    }

    /// The payload of a frame.
    func deflate(_ plain: ByteBuffer, allocator: ByteBufferAllocator) -> ByteBuffer {
        deflateReset(deflater)
        deflateSetHeader(deflater, header)
        let bound = Int(deflateBound(deflater, uLong(plain.readableBytes)))
        var payload = FrameBuffer.empty(payloadBytes: bound, allocator: allocator)
        plain.withUnsafeReadableBytes { source in
            // zlib does not write to it.
            deflater.pointee.next_in = UnsafeMutablePointer(
                mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
            deflater.pointee.avail_in = uInt(source.count)
            payload.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
                deflater.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                deflater.pointee.avail_out = uInt(target.count)
                let status = CZlib.deflate(deflater, Z_FINISH)
                precondition(status == Z_STREAM_END, "deflate: \(status)")
                return target.count - Int(deflater.pointee.avail_out)
            }
        }
        return payload
    }

    /// All members of the stream; nothing else may follow them.
    func inflate(_ stream: ByteBuffer) throws(Malformed) -> ByteBuffer {
        inflateReset(inflater)
        var plain = ByteBufferAllocator().buffer(capacity: max(512, stream.readableBytes * 3))
        let failure = stream.withUnsafeReadableBytes { inflate($0, to: &plain) }
        if let failure { throw failure }
        return plain
    }

    private func inflate(_ source: UnsafeRawBufferPointer, to plain: inout ByteBuffer) -> Malformed? {
        inflater.pointee.next_in = UnsafeMutablePointer(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        inflater.pointee.avail_in = uInt(source.count)
        while true {
            var status = Z_OK
            let room = max(4096, plain.writableBytes)
            plain.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                inflater.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                inflater.pointee.avail_out = uInt(target.count)
                status = CZlib.inflate(inflater, Z_NO_FLUSH)
                return target.count - Int(inflater.pointee.avail_out)
            }
            if plain.readableBytes > Self.maxInflatedBytes { return .tooLong }
            switch status {
            case Z_STREAM_END:
                if inflater.pointee.avail_in == 0 { return nil }
                inflateReset(inflater)
            case Z_OK where inflater.pointee.avail_in > 0 || inflater.pointee.avail_out == 0: continue
            // Nothing could be done: the input is over.
            case Z_OK, Z_BUF_ERROR: return .truncated
            default: return .notGzip
            }
        }
    }
}

@available(*, unavailable)
extension GzipCodec: Sendable {}
