internal import NIOCore

/// A bounded first-in first-out queue of sessions and the line of those that wait for a place in it.
///
/// Whoever finds the queue full waits in line without holding a thread, as a blocked sender of a Go channel
/// does: the place that a `takeFirst` frees goes to the first in line at once, so order is kept and `count`
/// never exceeds `capacity`. The line needs no bound of its own: a session stands in it once.
struct BoundedQueue: ~Copyable {
    enum Offer: Equatable {
        case queued
        case waiting
    }

    let capacity: Int
    private var queue: CircularBuffer<Session>
    private var line = CircularBuffer<Session>()

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        queue = CircularBuffer(initialCapacity: min(capacity, 1024))
    }

    var count: Int { queue.count }
    var waitingCount: Int { line.count }

    mutating func offer(_ session: Session) -> Offer {
        guard queue.count < capacity else {
            line.append(session)
            return .waiting
        }
        queue.append(session)
        return .queued
    }

    /// nil: the queue is empty.
    mutating func takeFirst() -> Session? {
        guard let first = queue.popFirst() else { return nil }
        if let next = line.popFirst() {
            queue.append(next)
        }
        return first
    }
}
