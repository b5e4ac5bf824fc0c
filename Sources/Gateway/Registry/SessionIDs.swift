internal import Synchronization

/// Numbers sessions from 1, across all event loops.
final class SessionIDs: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
