internal import CZlib

/// Makes a gzip member (RFC 1952) of a frame, with one zlib stream that is reset for each.
struct GzipDeflater: ~Copyable {
    /// zlib's cheapest: a client's frame is some hundred bytes that hardly repeat.
    private static let level = Z_BEST_SPEED
    /// 4 KiB of history, of which a frame seldom needs more; 16 asks for gzip's header and trailer.
    private static let windowBits: Int32 = 12 + 16
    /// zlib clears its hash table for each frame: 4 KiB at 4, 64 KiB at the default of 8.
    private static let memoryLevel: Int32 = 4

    /// zlib keeps the stream's address.
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, Self.level, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        // Only exhausted memory can fail here.
        precondition(status == Z_OK, "zlib cannot begin to compress: status \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    mutating func deflate(_ bytes: UnsafeRawBufferPointer, to out: inout ScratchBuffer) -> UnsafeRawBufferPointer {
        precondition(bytes.count < Int(UInt32.max) / 2, "a frame of \(bytes.count) bytes")
        deflateReset(stream)
        out.reserve(Int(deflateBound(stream, UInt(bytes.count))))
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = out.start.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: out.capacity)
        let status = CZlib.deflate(stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "zlib cannot compress a frame: status \(status)")
        return out.prefix(Int(stream.pointee.total_out))
    }
}
