/// Bytes that the kernel did not take yet, in order.
///
/// Lives in memory of its own, because only a connection under backpressure needs one; the pool keeps emptied ones.
struct OutputQueue {
    fileprivate var next: UnsafeMutablePointer<OutputQueue>?
    private var memory: UnsafeMutableRawPointer
    fileprivate private(set) var capacity: Int
    private var head = 0
    private var end = 0

    fileprivate init(capacity: Int) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    fileprivate func deallocate() {
        memory.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory + head, count: end - head) }

    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, !source.isEmpty else { return }
        makeRoom(for: source.count)
        (memory + end).copyMemory(from: start, byteCount: source.count)
        end += source.count
    }

    mutating func removeFirst(_ count: Int) {
        head += count
        if head == end { removeAll() }
    }

    mutating func removeAll() {
        head = 0
        end = 0
    }

    private mutating func makeRoom(for additional: Int) {
        guard end + additional > capacity else { return }
        let count = end - head
        // Moving the rest to the front is paid for by the bytes sent from there, as long as they are the larger part.
        if count + additional <= capacity, head >= count {
            memory.copyMemory(from: memory + head, byteCount: count)
        } else {
            while capacity < count + additional { capacity *= 2 }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            larger.copyMemory(from: memory + head, byteCount: count)
            memory.deallocate()
            memory = larger
        }
        head = 0
        end = count
    }
}

/// Emptied output queues, for the next connection under backpressure.
struct OutputQueuePool {
    private static let initialBytes = 16 * 1024
    /// Larger queues are not kept.
    private static let keptBytes = 64 * 1024

    private var free: UnsafeMutablePointer<OutputQueue>?

    mutating func borrow() -> UnsafeMutablePointer<OutputQueue> {
        if let queue = free {
            free = queue.pointee.next
            queue.pointee.next = nil
            return queue
        }
        let queue = UnsafeMutablePointer<OutputQueue>.allocate(capacity: 1)
        queue.initialize(to: OutputQueue(capacity: Self.initialBytes))
        return queue
    }

    mutating func giveBack(_ queue: UnsafeMutablePointer<OutputQueue>) {
        if queue.pointee.capacity > Self.keptBytes {
            queue.pointee.deallocate()
            queue.deallocate()
            return
        }
        queue.pointee.removeAll()
        queue.pointee.next = free
        free = queue
    }

    mutating func deallocate() {
        while let queue = free {
            free = queue.pointee.next
            queue.pointee.deallocate()
            queue.deallocate()
        }
    }
}
