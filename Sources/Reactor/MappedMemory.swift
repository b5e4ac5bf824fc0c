internal import Glibc

/// Zeroed memory for `capacity` values, straight from the kernel: what is never touched costs no resident memory.
struct MappedMemory<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    private let byteCount: Int

    /// Traps when the kernel has no address space left, as any allocation does.
    ///
    /// All-zero bits must be a valid `Element`.
    init(capacity: Int) {
        byteCount = max(capacity, 1) * MemoryLayout<Element>.stride
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            fatalError("no address space for \(byteCount) bytes")
        }
        base = memory.bindMemory(to: Element.self, capacity: capacity)
    }

    deinit {
        munmap(base, byteCount)
    }
}
