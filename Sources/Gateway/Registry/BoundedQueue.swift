internal import NIOCore

/// A bounded first-in first-out queue and the line of those that wait for a place in it.
///
/// Whoever finds the queue full waits in line without holding a thread, as a blocked sender of a Go channel
/// does: the place that a `takeFirst` frees goes to the first in line at once, so order is kept and `count`
/// never exceeds `capacity`. The line needs no bound of its own if each element stands in it once.
struct BoundedQueue<Element>: ~Copyable {
    let capacity: Int
    private var queue: CircularBuffer<Element>
    private var line = CircularBuffer<Element>()

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        queue = CircularBuffer(initialCapacity: min(capacity, 1024))
    }

    var count: Int { queue.count }
    var waitingCount: Int { line.count }

    mutating func offer(_ element: Element) -> QueueOffer {
        guard queue.count < capacity else {
            line.append(element)
            return .waiting
        }
        queue.append(element)
        return .queued
    }

    /// nil: the queue is empty.
    mutating func takeFirst() -> Element? {
        take()?.first
    }

    /// Also tells which element from the line got the place.
    mutating func take() -> (first: Element, placed: Element?)? {
        guard let first = queue.popFirst() else { return nil }
        let next = line.popFirst()
        if let next {
            queue.append(next)
        }
        return (first, next)
    }

    /// Calls `body` for each element in line, first to last.
    func forEachWaiting(_ body: (Element) -> Void) {
        line.forEach(body)
    }
}

/// Where an offered element went.
enum QueueOffer {
    case queued
    /// The queue is full; it stands in line.
    case waiting
}
