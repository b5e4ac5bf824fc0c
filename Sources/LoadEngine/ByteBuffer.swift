internal import Dialects

/// A growable run of bytes that is emptied and filled again; it allocates only when it must become larger than ever before.
final class ByteBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() {
        count = 0
    }

    /// Makes room for `additional` bytes behind the present ones.
    func reserve(_ additional: Int) {
        let needed = count + additional
        guard needed > capacity else { return }
        var larger = capacity * 2
        while larger < needed { larger *= 2 }
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, !source.isEmpty else { return }
        reserve(source.count)
        (base + count).copyMemory(from: start, byteCount: source.count)
        count += source.count
    }

    func append(repeating byte: UInt8, count length: Int) {
        guard length > 0 else { return }
        reserve(length)
        (base + count).initializeMemory(as: UInt8.self, repeating: byte, count: length)
        count += length
    }

    func append(decimal value: UInt64) {
        var digits = 1
        var power: UInt64 = 10
        while digits < 20, value >= power {
            digits += 1
            power = digits < 20 ? power * 10 : power
        }
        reserve(digits)
        var rest = value
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            base.storeBytes(of: UInt8(ascii: "0") + UInt8(rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        count += digits
    }

    /// 16 lower-case digits.
    func append(hexadecimal value: UInt64) {
        reserve(16)
        HexText.write(value, to: base + count)
        count += 16
    }

    /// Closes the gap that `range` leaves.
    func removeBytes(_ range: Range<Int>) {
        let rest = count - range.upperBound
        if rest > 0 { (base + range.lowerBound).copyMemory(from: base + range.upperBound, byteCount: rest) }
        count -= range.count
    }
}
