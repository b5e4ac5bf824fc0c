/// Memory that is used again for each frame, and only ever grows.
struct ScratchBuffer: ~Copyable {
    private(set) var capacity: Int
    private(set) var start: UnsafeMutableRawPointer

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        start = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { start.deallocate() }

    /// Makes room for `needed` bytes; what the buffer held is lost when it has to grow.
    mutating func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        start.deallocate()
        capacity = max(needed, capacity * 2)
        start = .allocate(byteCount: capacity, alignment: 16)
    }

    /// Twice the room, at most `limit` bytes, with the first `used` bytes kept; false when there is as much already.
    mutating func grow(keeping used: Int, limit: Int) -> Bool {
        guard capacity < limit else { return false }
        let larger = min(capacity * 2, limit)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: start, byteCount: used)
        start.deallocate()
        start = moved
        capacity = larger
        return true
    }

    func prefix(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}
