/// Buffers lent to accounts while they hold part of a message or of a response head; most accounts hold none.
struct BufferPool: ~Copyable {
    /// Index of a lent buffer; `none` is no buffer.
    struct Handle: BitwiseCopyable, Equatable {
        fileprivate let index: Int32
        static let none = Handle(index: -1)
    }

    /// A buffer that has grown beyond this is not kept.
    private static let keptCapacity = 64 * 1024
    private var buffers: [ByteBuffer] = []
    private var free: [Int32] = []

    mutating func borrow() -> Handle {
        if let index = free.popLast() {
            return Handle(index: index)
        }
        buffers.append(ByteBuffer(capacity: 1024))
        return Handle(index: Int32(buffers.count - 1))
    }

    mutating func giveBack(_ handle: inout Handle) {
        guard handle != .none else { return }
        let index = Int(handle.index)
        buffers[index].removeAll()
        if buffers[index].capacity > Self.keptCapacity {
            buffers[index] = ByteBuffer(capacity: 1024)
        }
        free.append(handle.index)
        handle = .none
    }

    subscript(handle: Handle) -> ByteBuffer { buffers[Int(handle.index)] }
}
