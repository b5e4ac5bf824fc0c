internal import CZlib

/// Reads gzip members (RFC 1952), one behind the other, as Go does: whatever else follows a member is an error.
struct GzipInflater: ~Copyable {
    private let maxBytes: Int
    /// zlib keeps the stream's address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter maxBytes: what is larger once inflated is refused, and never held.
    init(maxBytes: Int) {
        self.maxBytes = min(max(maxBytes, 0), Int.max - 1)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 takes any window; 16 expects gzip's header and trailer.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        // Only exhausted memory can fail here.
        precondition(status == Z_OK, "zlib cannot begin to decompress: status \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The inflated bytes, in `out`, which grows to one byte more than the limit at most.
    mutating func inflate(
        _ bytes: UnsafeRawBufferPointer, to out: inout ScratchBuffer
    ) throws(OpenIMFault) -> UnsafeRawBufferPointer {
        guard bytes.count <= Int(UInt32.max) else { throw .tooLong(what: "the frame") }
        guard !bytes.isEmpty else { throw .truncated(what: "a gzip header") }
        var used = 0
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        repeat { try inflateMember(to: &out, used: &used) } while stream.pointee.avail_in > 0
        return out.prefix(used)
    }

    private mutating func inflateMember(to out: inout ScratchBuffer, used: inout Int) throws(OpenIMFault) {
        inflateReset(stream)
        let tooLong = OpenIMFault.tooLong(what: "the inflated frame")
        repeat {
            stream.pointee.next_out = (out.start + used).assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(clamping: min(out.capacity, maxBytes + 1) - used)
            let given = stream.pointee.avail_out
            let status = CZlib.inflate(stream, Z_FINISH)
            used += Int(given - stream.pointee.avail_out)
            switch status {
            case Z_STREAM_END:
                guard used <= maxBytes else { throw tooLong }
                return
            case Z_OK, Z_BUF_ERROR:
                // With room left, it is input that is missing.
                guard stream.pointee.avail_out == 0 else { throw .truncated(what: "its gzip stream") }
            case Z_DATA_ERROR, Z_NEED_DICT: throw .malformed(what: "its gzip stream is corrupt")
            default: preconditionFailure("zlib cannot decompress: status \(status)")
            }
        } while out.grow(keeping: used, limit: maxBytes + 1)
        throw tooLong
    }
}
