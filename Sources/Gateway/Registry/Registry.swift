/// The registry thread and what it publishes.
///
/// One thread takes registrations and deregistrations off the bounded queues, one at a time, makes the
/// backend call for each, applies the login policy and admits the session.
///
/// A kick never goes through a queue: the thread takes the older session out of the table itself and posts
/// an event to that connection's event loop, whose task list has no bound and never makes the poster wait.
/// The connection's own end comes back later through the unregister queue, put there by its event loop, and
/// finds nothing left to take out. So the only thread that drains the queues never waits for a place in one.
final class Registry: SessionRegistry {
    private let queues: RegistryQueues
    let online = OnlineUsers()
    let counters = RegistryCounters()
    let holdsUnadmittedSockets = false
    let hasWriteLocks = false
    let checkThread = "registry"
    private let name: String
    private let announcements: PeerAnnouncements
    private let threadID = SingleWriterCounter()
    private let backend: BackendCall
    private let registrationDelay: Duration
    private let unregistrationDelay: Duration

    init(_ configuration: GatewayConfiguration, announcements: PeerAnnouncements) {
        name = configuration.name
        self.announcements = announcements
        queues = RegistryQueues(capacity: configuration.queueCapacity)
        backend = BackendCall()
        registrationDelay = configuration.registrationDelay
        unregistrationDelay = configuration.unregistrationDelay
    }

    var gauges: QueueGauges { queues.gauges }

    func start(ended: @escaping @Sendable () -> Void) throws(GatewayError) {
        try NamedThread.start(name: checkThread) {
            self.threadID.set(NamedThread.currentID)
            self.run()
            ended()
        }
    }

    func stop() {
        backend.cancelAll()
        queues.close()
    }

    func register(_ session: Session) {
        queues.offerRegister(session)
    }

    func unregister(_ session: Session) {
        session.markClosed()
        queues.offerUnregister(session)
    }

    // Nobody here waits for a session's socket.
    func writeBlocked(_ session: Session) {}
    func writeEnded(_ session: Session) {}

    func check(_ login: LoginCheck, taken: @escaping @Sendable () -> Void) {
        queues.offerCheck(login)
        taken()
    }

    func setPeers(_ addresses: [PeerAddress]) {
        announcements.setPeers(addresses)
    }

    private func run() {
        var accounts = AccountTable(online: online)
        while let event = queues.take() {
            switch event {
            case .register(let session): register(session, in: &accounts)
            case .unregister(let session): unregister(session, in: &accounts)
            case .check(let login): check(login, in: &accounts)
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
        let replaced = accounts.register(session)
        counters.registered.add(1)
        counters.publish(accounts)
        if let replaced {
            kick(replaced, for: .session(session.id))
        }
        session.notify(.admitted)
        if session.policy == .kickOlder {
            announcements.announce(LoginCheck(session))
        }
    }

    private func check(_ login: LoginCheck, in accounts: inout AccountTable) {
        guard let replaced = accounts.replaceLogin(of: login.account, openedBefore: login.openedBefore)
        else { return }
        counters.publish(accounts)
        kick(replaced, for: .loginElsewhere(token: login.token))
    }

    private func kick(_ replaced: Session, for cause: KickCause) {
        counters.replaced.add(1)
        if !replaced.isClosed {
            counters.kicked.add(1)
            replaced.notify(.kicked(cause))
        }
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

// MARK: Waits

extension Registry {
    func waits() -> WaitReport {
        var report = WaitReport(gateway: name)
        let thread = report.id("thread:\(checkThread)")
        for (queue, gauge) in [("register", gauges.registerGauge), ("unregister", gauges.unregisterGauge)] {
            report.resources.append(
                .init(
                    id: report.id("queue:\(queue)"), what: "\(queue) queue", capacity: gauges.capacity,
                    used: gauge.depth, waiting: gauge.waitingCount, freedBy: [thread]))
        }
        report.actors.append(
            .init(id: thread, what: "registry thread", threadID: threadID.value, doing: "serving its queues"))
        report.add(.handshakes, count: gauges.registerGauge.waitingCount)
        report.add(.endedConnections, count: gauges.unregisterGauge.waitingCount)
        return report
    }
}
