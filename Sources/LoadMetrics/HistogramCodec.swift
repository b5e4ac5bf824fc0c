/// HdrHistogram's V2 encoding, not compressed: 40 bytes of header, big-endian, and the counts as ZigZag LEB128-64b9B
/// numbers, of which a negative one is a run of that many empty slots (`AbstractHistogram.encodeIntoByteBuffer` in
/// HdrHistogram).
package enum HistogramCodec {
    /// Cookie of V2 with the word size that says "variable length".
    package static let cookie: UInt32 = 0x1c84_9303 | 0x10
    static let headerSize = 40
    /// More values than any report counts; sums of many such histograms still fit in 64 bits.
    static let totalCountLimit: UInt64 = 1 << 40

    /// Why bytes are not a histogram of ours.
    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case notBase64
        case truncated
        case unknownCookie(UInt32)
        /// The length in the header is not that of the bytes behind it.
        case wrongLength(stated: Int, actual: Int)
        /// Another resolution than one microsecond at three digits, or shifted slots: merging would not be exact.
        case otherConfiguration
        case malformedCount
        /// A count or run beyond the range of ten minutes.
        case beyondRange
        case tooManyValues

        package var description: String {
            switch self {
            case .notBase64: "not base64"
            case .truncated: "ends too early"
            case .unknownCookie(let cookie): "is not HdrHistogram V2 (cookie 0x\(String(cookie, radix: 16)))"
            case .wrongLength(let stated, let actual): "states \(stated) bytes of counts but has \(actual)"
            case .otherConfiguration: "is not in units of 1 with 3 significant digits"
            case .malformedCount: "has a malformed count"
            case .beyondRange: "has values beyond \(HistogramLayout.highestUs / 60_000_000) minutes"
            case .tooManyValues: "counts more values than any run has"
            }
        }
    }

    package static func encode(_ histogram: TimingHistogram) -> [UInt8] {
        var writer = Writer()
        histogram.forEachSlot { slot, count in writer.append(slot: slot, count: count) }
        return writer.finish()
    }

    /// Decodes what `encode` or another HdrHistogram implementation wrote.
    package static func decode(_ bytes: [UInt8]) throws(Fault) -> TimingHistogram {
        var histogram = TimingHistogram()
        try decode(bytes, into: &histogram)
        return histogram
    }

    /// Adds the encoded values to `histogram`, which is left as it was when the bytes are refused.
    package static func decode(_ bytes: [UInt8], into histogram: inout TimingHistogram) throws(Fault) {
        // Read twice: the first time to refuse, the second time to add.
        var total: UInt64 = 0
        var overflow = false
        try readCounts(bytes) { _, count in
            let sum = total.addingReportingOverflow(count)
            total = sum.partialValue
            overflow = overflow || sum.overflow
        }
        guard !overflow, total <= totalCountLimit else { throw .tooManyValues }
        try readCounts(bytes) { slot, count in histogram.add(count: count, toSlot: slot) }
    }

    /// Decodes the base64 form of an interval.
    package static func decode(base64 text: String, into histogram: inout TimingHistogram) throws(Fault) {
        guard let bytes = Base64.decode(text) else { throw .notBase64 }
        try decode(bytes, into: &histogram)
    }
}

extension HistogramCodec {
    /// Writes the encoding slot by slot.
    struct Writer {
        private var bytes: [UInt8]
        private var nextSlot = 0

        init() {
            bytes = []
            bytes.reserveCapacity(HistogramCodec.headerSize + 512)
            append(HistogramCodec.cookie)
            append(UInt32(0))  // length of the counts, set by `finish`
            append(UInt32(0))  // normalising index offset
            append(UInt32(HistogramLayout.significantDigits))
            append(HistogramLayout.lowestUs)
            append(HistogramLayout.highestUs)
            append((1.0).bitPattern)  // integer to double ratio
        }

        /// Adds a slot in use.
        ///
        /// Precondition: slots ascend and `count` > 0.
        mutating func append(slot: Int, count: UInt64) {
            if slot > nextSlot { append(zigZag: Int64(nextSlot - slot)) }
            append(zigZag: Int64(clamping: count))
            nextSlot = slot + 1
        }

        /// The whole encoding; empty slots behind the last one in use are left out.
        consuming func finish() -> [UInt8] {
            let length = UInt32(bytes.count - HistogramCodec.headerSize)
            for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
            return bytes
        }

        private mutating func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
        }

        /// LEB128 of the ZigZag number, except that a ninth byte holds eight bits and is the last.
        private mutating func append(zigZag value: Int64) {
            var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
            var written = 0
            while rest > 0x7f, written < 8 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
                written += 1
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
    }

    /// Hands over every slot in use, ascending.
    ///
    /// The bytes may come from anywhere.
    private static func readCounts(
        _ bytes: [UInt8], _ body: (_ slot: Int, _ count: UInt64) -> Void
    ) throws(Fault) {
        guard bytes.count >= headerSize else { throw .truncated }
        func bigEndian(at offset: Int, size: Int) -> UInt64 {
            bytes[offset..<offset + size].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let cookie = UInt32(bigEndian(at: 0, size: 4))
        // The word size in bits 4…7 is meaningless in V2.
        guard cookie & ~0xf0 == Self.cookie & ~0xf0 else { throw .unknownCookie(cookie) }
        let stated = Int(bigEndian(at: 4, size: 4))
        guard stated == bytes.count - headerSize else {
            throw .wrongLength(stated: stated, actual: bytes.count - headerSize)
        }
        guard bigEndian(at: 8, size: 4) == 0, bigEndian(at: 12, size: 4) == UInt64(HistogramLayout.significantDigits),
            bigEndian(at: 16, size: 8) == HistogramLayout.lowestUs
        else { throw .otherConfiguration }

        var index = headerSize
        var slot = 0
        while index < bytes.count {
            let value = try readZigZag(bytes, &index)
            if value > 0 {
                guard slot < HistogramLayout.slotCount else { throw .beyondRange }
                body(slot, UInt64(value))
                slot += 1
            } else {
                // A literal zero is one empty slot; writers may use it instead of a run of one.
                let run = value == 0 ? 1 : value.magnitude
                guard run <= UInt64(Int32.max) else { throw .malformedCount }
                slot += Int(run)
                // Other writers may spell out the empty slots of a longer range.
                guard slot <= Int(Int32.max) else { throw .malformedCount }
            }
        }
    }

    private static func readZigZag(_ bytes: [UInt8], _ index: inout Int) throws(Fault) -> Int64 {
        var value: UInt64 = 0
        for position in 0..<9 {
            guard index < bytes.count else { throw .truncated }
            let byte = UInt64(bytes[index])
            index += 1
            if position == 8 {
                value |= byte << 56
                break
            }
            value |= (byte & 0x7f) << UInt64(7 * position)
            if byte & 0x80 == 0 { break }
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
