internal import Synchronization

/// The register and the unregister queue, both drained by the registry thread alone.
///
/// Event loops put sessions in and never wait: when a queue is full the session stands in its line
/// (``BoundedQueue``), and its connection is read no further than its first frames until it is admitted. The
/// registry thread itself puts nothing in.
final class RegistryQueues: Sendable {
    enum Event {
        case register(Session)
        case unregister(Session)
    }

    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var register: BoundedQueue<Session>
    nonisolated(unsafe) private var unregister: BoundedQueue<Session>
    nonisolated(unsafe) private var isConsumerWaiting = false
    nonisolated(unsafe) private var isClosed = false
    nonisolated(unsafe) private var unregisterIsNext = false

    /// Published so that a metrics scrape never waits for the lock.
    let registerGauge = QueueGauge()
    let unregisterGauge = QueueGauge()
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        register = BoundedQueue(capacity: capacity)
        unregister = BoundedQueue(capacity: capacity)
    }

    @discardableResult
    func offerRegister(_ session: Session) -> QueueOffer {
        let (offer, wakes) = monitor.withLock {
            let offer = register.offer(session)
            registerGauge.publish(register)
            return (offer, mustWakeConsumer())
        }
        if wakes { monitor.signal() }
        return offer
    }

    @discardableResult
    func offerUnregister(_ session: Session) -> QueueOffer {
        let (offer, wakes) = monitor.withLock {
            let offer = unregister.offer(session)
            unregisterGauge.publish(unregister)
            return (offer, mustWakeConsumer())
        }
        if wakes { monitor.signal() }
        return offer
    }

    /// The next event; sleeps while there is none.
    ///
    /// While both queues hold something they are served in turn.
    ///
    /// - Returns: nil when the queues are closed and empty.
    func take() -> Event? {
        monitor.withLock {
            while true {
                if let event = takeFirst() { return event }
                if isClosed { return nil }
                isConsumerWaiting = true
                monitor.wait()
            }
        }
    }

    /// Lets `take` end once the queues are empty.
    func close() {
        monitor.withLock {
            isClosed = true
            monitor.broadcast()
        }
    }

    private func takeFirst() -> Event? {
        let preferUnregister = unregisterIsNext
        unregisterIsNext.toggle()
        if preferUnregister {
            return takeUnregister() ?? takeRegister()
        }
        return takeRegister() ?? takeUnregister()
    }

    private func takeRegister() -> Event? {
        guard let session = register.takeFirst() else { return nil }
        registerGauge.publish(register)
        return .register(session)
    }

    private func takeUnregister() -> Event? {
        guard let session = unregister.takeFirst() else { return nil }
        unregisterGauge.publish(unregister)
        return .unregister(session)
    }

    /// Call with the lock held, and signal after giving it up, so that the consumer does not wake to a held lock.
    private func mustWakeConsumer() -> Bool {
        defer { isConsumerWaiting = false }
        return isConsumerWaiting
    }
}

/// What a queue held after its latest change.
final class QueueGauge: Sendable {
    private let queued = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)

    /// Sessions in the queue.
    var depth: Int { queued.load(ordering: .relaxed) }
    /// Sessions that wait for a place.
    var waitingCount: Int { waiting.load(ordering: .relaxed) }
    /// The greatest depth so far.
    var highestDepth: Int { highest.load(ordering: .relaxed) }

    /// Call with the queue's lock held.
    fileprivate func publish(_ queue: borrowing BoundedQueue<Session>) {
        queued.store(queue.count, ordering: .relaxed)
        waiting.store(queue.waitingCount, ordering: .relaxed)
        if queue.count > highestDepth {
            highest.store(queue.count, ordering: .relaxed)
        }
    }
}
