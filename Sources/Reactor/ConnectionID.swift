/// Names one connection, or one watched descriptor, of an `EventLoop`.
///
/// A slot is used again after its connection is gone, with another generation: an id kept too long matches nothing, and every
/// call with it does nothing.
package struct ConnectionID: Equatable, BitwiseCopyable, Sendable {
    @usableFromInline package let slot: UInt32
    @usableFromInline package let generation: UInt32

    @inlinable
    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// Matches no connection: slots in use never have generation 0.
    package static let none = ConnectionID(slot: 0, generation: 0)
}

extension ConnectionID {
    /// As carried by the kernel in `epoll_event.data`.
    var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    init(packed: UInt64) {
        self.init(slot: UInt32(truncatingIfNeeded: packed), generation: UInt32(truncatingIfNeeded: packed >> 32))
    }
}
