internal import CZlib
package import LoadMetrics

/// HdrHistogram's V2 compressed form in base64, which `.hlog` files and the tools around them use: cookie, length,
/// and the V2 encoding as a zlib stream.
package enum CompressedHistogram {
    private static let cookie: UInt32 = 0x1c84_9304 | 0x10
    private static let headerSize = 8
    /// Above the encoding of a histogram of any range at three digits; stops a stream that expands without end.
    private static let inflatedLimit = 1 << 20

    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case notBase64
        case notCompressedHistogram
        case wrongLength
        case corruptStream
        case payload(HistogramCodec.Fault)

        package var description: String {
            switch self {
            case .notBase64: "not base64"
            case .notCompressedHistogram: "not a compressed HdrHistogram (V2)"
            case .wrongLength: "its length is not the one it states"
            case .corruptStream: "its zlib stream is corrupt"
            case .payload(let fault): "the histogram \(fault)"
            }
        }
    }

    package static func encode(_ histogram: TimingHistogram) -> String {
        let payload = HistogramCodec.encode(histogram)
        var size = compressBound(uLong(payload.count))
        var stream = [UInt8](repeating: 0, count: Int(size))
        let status = compress2(&stream, &size, payload, uLong(payload.count), Z_DEFAULT_COMPRESSION)
        // With a buffer of `compressBound` only exhausted memory can fail here.
        precondition(status == Z_OK, "zlib cannot compress a histogram: status \(status)")
        var bytes: [UInt8] = []
        for word in [cookie, UInt32(size)] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(contentsOf: stream[..<Int(size)])
        return Base64.encode(bytes)
    }

    package static func decode(_ text: String) throws(Fault) -> TimingHistogram {
        guard let bytes = Base64.decode(text) else { throw .notBase64 }
        guard bytes.count >= headerSize else { throw .notCompressedHistogram }
        let words = [0, 4].map { bytes[$0..<$0 + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        guard words[0] & ~0xf0 == cookie & ~0xf0 else { throw .notCompressedHistogram }
        guard Int(words[1]) == bytes.count - headerSize else { throw .wrongLength }
        var size = uLong(inflatedLimit)
        var payload = [UInt8](repeating: 0, count: inflatedLimit)
        let stream = Array(bytes[headerSize...])
        guard uncompress(&payload, &size, stream, uLong(stream.count)) == Z_OK else { throw .corruptStream }
        do throws(HistogramCodec.Fault) {
            return try HistogramCodec.decode(Array(payload[..<Int(size)]))
        } catch {
            throw .payload(error)
        }
    }
}
