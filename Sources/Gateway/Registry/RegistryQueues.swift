internal import NIOCore

/// The register and the unregister queue and the login checks, all drained by the registry thread alone.
///
/// Event loops put sessions in and never wait: when a queue is full the session stands in its line
/// (``BoundedQueue``), and its connection is read no further than its first frames until it is admitted. The
/// registry thread itself puts nothing in. Login checks come from other gateways, which wait for no answer: their queue
/// has no bound.
final class RegistryQueues: Sendable {
    enum Event {
        case register(Session)
        case unregister(Session)
        case check(LoginCheck)
    }

    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var register: BoundedQueue<Session>
    nonisolated(unsafe) private var unregister: BoundedQueue<Session>
    nonisolated(unsafe) private var checks = CircularBuffer<LoginCheck>()
    nonisolated(unsafe) private var isConsumerWaiting = false
    nonisolated(unsafe) private var isClosed = false
    nonisolated(unsafe) private var unregisterIsNext = false

    let gauges: QueueGauges

    init(capacity: Int) {
        gauges = QueueGauges(capacity: capacity)
        register = BoundedQueue(capacity: capacity)
        unregister = BoundedQueue(capacity: capacity)
    }

    @discardableResult
    func offerRegister(_ session: Session) -> QueueOffer {
        let (offer, wakes) = monitor.withLock {
            let offer = register.offer(session)
            gauges.registerGauge.publish(register)
            return (offer, mustWakeConsumer())
        }
        if wakes { monitor.signal() }
        return offer
    }

    @discardableResult
    func offerUnregister(_ session: Session) -> QueueOffer {
        let (offer, wakes) = monitor.withLock {
            let offer = unregister.offer(session)
            gauges.unregisterGauge.publish(unregister)
            return (offer, mustWakeConsumer())
        }
        if wakes { monitor.signal() }
        return offer
    }

    func offerCheck(_ login: LoginCheck) {
        let wakes = monitor.withLock {
            checks.append(login)
            gauges.kickGauge.publish(depth: checks.count, waiting: 0)
            return mustWakeConsumer()
        }
        if wakes { monitor.signal() }
    }

    /// The next event; sleeps while there is none.
    ///
    /// Login checks come first; while both queues hold something they are served in turn.
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
        if let login = checks.popFirst() {
            gauges.kickGauge.publish(depth: checks.count, waiting: 0)
            return .check(login)
        }
        let preferUnregister = unregisterIsNext
        unregisterIsNext.toggle()
        if preferUnregister {
            return takeUnregister() ?? takeRegister()
        }
        return takeRegister() ?? takeUnregister()
    }

    private func takeRegister() -> Event? {
        guard let session = register.takeFirst() else { return nil }
        gauges.registerGauge.publish(register)
        return .register(session)
    }

    private func takeUnregister() -> Event? {
        guard let session = unregister.takeFirst() else { return nil }
        gauges.unregisterGauge.publish(unregister)
        return .unregister(session)
    }

    /// Call with the lock held, and signal after giving it up, so that the consumer does not wake to a held lock.
    private func mustWakeConsumer() -> Bool {
        defer { isConsumerWaiting = false }
        return isConsumerWaiting
    }
}
