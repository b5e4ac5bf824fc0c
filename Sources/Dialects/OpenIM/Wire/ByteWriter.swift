/// Writes bytes one after another into memory that its maker has made large enough.
struct ByteWriter {
    private let start: UnsafeMutableRawPointer
    private var next: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) {
        self.start = start
        next = start
    }

    var count: Int { next - start }

    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    mutating func write(_ byte: UInt8) {
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.baseAddress else { return }
        next.copyMemory(from: first, byteCount: bytes.count)
        next += bytes.count
    }

    mutating func write(_ text: StaticString) {
        next.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        next += text.utf8CodeUnitCount
    }

    /// Room for what somebody else writes right after this call.
    mutating func skip(_ count: Int) -> UnsafeMutableRawPointer {
        defer { next += count }
        return next
    }
}
