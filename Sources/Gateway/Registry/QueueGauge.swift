internal import Synchronization

/// What the queues before the registry hold, published so that a metrics scrape never waits for their lock.
final class QueueGauges: Sendable {
    /// Places in each queue.
    let capacity: Int
    let registerGauge = QueueGauge()
    let unregisterGauge = QueueGauge()
    /// Login checks that other gateways have asked for.
    let kickGauge = QueueGauge()

    init(capacity: Int) {
        self.capacity = capacity
    }
}

/// What a queue held after its latest change.
final class QueueGauge: Sendable {
    private let queued = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)

    /// Elements in the queue.
    var depth: Int { queued.load(ordering: .relaxed) }
    /// Elements that wait for a place.
    var waitingCount: Int { waiting.load(ordering: .relaxed) }
    /// The greatest depth so far.
    var highestDepth: Int { highest.load(ordering: .relaxed) }

    /// Call with the queue's lock held.
    func publish<Element>(_ queue: borrowing BoundedQueue<Element>) {
        publish(depth: queue.count, waiting: queue.waitingCount)
    }

    /// Call with the queue's lock held.
    func publish(depth: Int, waiting waitingCount: Int) {
        queued.store(depth, ordering: .relaxed)
        waiting.store(waitingCount, ordering: .relaxed)
        if depth > highestDepth {
            highest.store(depth, ordering: .relaxed)
        }
    }
}
