internal import NIOCore

/// The registry thread and what it publishes.
///
/// One thread takes registrations and deregistrations off the bounded queues, one at a time, makes the
/// backend call for each, applies the login policy and admits the session.
///
/// A kick never goes through a queue: the thread takes the older session out of the table itself and posts
/// an event to that connection's event loop, whose task list has no bound and never makes the poster wait.
/// The connection's own end comes back later through the unregister queue, put there by its event loop, and
/// finds nothing left to take out. So the only thread that drains the queues never waits for a place in one.
final class Registry: Sendable {
    let queues: RegistryQueues
    let counters = RegistryCounters()
    private let policy: LoginPolicy
    private let backend: BackendCall
    private let registrationDelay: Duration
    private let unregistrationDelay: Duration

    init(_ configuration: GatewayConfiguration) {
        queues = RegistryQueues(capacity: configuration.queueCapacity)
        policy = configuration.loginPolicy
        backend = BackendCall()
        registrationDelay = configuration.registrationDelay
        unregistrationDelay = configuration.unregistrationDelay
    }

    /// Starts the thread; `ended` is called on it as its last act.
    func start(ended: @escaping @Sendable () -> Void) throws(GatewayError) {
        try NamedThread.start(name: "registry") {
            self.run()
            ended()
        }
    }

    /// Lets the thread end when the queues are empty, and makes no further backend call.
    func stop() {
        backend.cancelAll()
        queues.close()
    }

    private func run() {
        var accounts = AccountTable()
        while let event = queues.take() {
            switch event {
            case .register(let session): register(session, in: &accounts)
            case .unregister(let session): unregister(session, in: &accounts)
            }
        }
    }

    private func register(_ session: Session, in accounts: inout AccountTable) {
        // Its connection may have ended while it stood in the queue, or its deregistration overtaken it.
        if session.registration == .pending, !session.isClosed {
            backend.make(taking: registrationDelay)
        }
        guard session.registration == .pending, !session.isClosed else {
            session.registration = .over
            counters.abandoned.add(1)
            return
        }
        let replaced = accounts.register(session, policy: policy)
        counters.registered.add(1)
        counters.publish(accounts)
        if let replaced {
            counters.replaced.add(1)
            if !replaced.isClosed {
                counters.kicked.add(1)
                replaced.notify(.kicked)
            }
        }
        session.notify(.admitted)
    }

    private func unregister(_ session: Session, in accounts: inout AccountTable) {
        // The backend knows nothing of a session that was replaced or never registered.
        if session.registration == .registered {
            backend.make(taking: unregistrationDelay)
        }
        if accounts.unregister(session) {
            counters.unregistered.add(1)
            counters.publish(accounts)
        }
    }
}

/// The call to the service that keeps the users' online state: a wait of a given time.
final class BackendCall: Sendable {
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var isCancelled = false

    /// Blocks the calling thread for `time`, or until cancelled.
    func make(taking time: Duration) {
        guard time > .zero else { return }
        let deadline = MonotonicTime.now + time
        monitor.withLock {
            while !isCancelled, monitor.wait(until: deadline) {}
        }
    }

    /// Ends the call that is being made and every later one at once.
    func cancelAll() {
        monitor.withLock {
            isCancelled = true
            monitor.broadcast()
        }
    }
}

/// What the registry thread has done; written by it alone, read by anyone.
///
/// `registered` = `sessions` + `unregistered` + `replaced`.
final class RegistryCounters: Sendable {
    let registered = SingleWriterCounter()
    let unregistered = SingleWriterCounter()
    /// Sessions that gave way to a newer login of their account.
    let replaced = SingleWriterCounter()
    /// Those of the replaced whose connection was still open.
    let kicked = SingleWriterCounter()
    /// Sessions whose connection had ended before their turn came.
    let abandoned = SingleWriterCounter()
    let accounts = SingleWriterCounter()
    let sessions = SingleWriterCounter()

    fileprivate func publish(_ table: borrowing AccountTable) {
        accounts.set(table.accountCount)
        sessions.set(table.sessionCount)
    }
}
