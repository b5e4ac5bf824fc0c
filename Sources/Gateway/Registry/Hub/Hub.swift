internal import NIOCore

/// A registry whose only reader can come to wait for a place in a queue that it alone reads.
///
/// One loop thread, `hub`, takes from three bounded queues: registrations, deregistrations, and the login checks that
/// other gateways ask for. When a login takes the place of an older one the thread itself ends the older connection:
/// under that connection's write lock it puts into the unregister queue. Three circular waits follow, and nothing but
/// load provokes them; where clients are used again (`HubClientPool`), tidy churn is load enough:
///
/// - **self-wait**: the unregister queue is full, and the thread waits for a place in it.
/// - **lock and queue**: the thread waits for the write lock of a connection whose reader, itself closing, holds the
///   lock and waits for a place in the unregister queue.
/// - **across gateways**: for each registration the thread asks every other gateway of the stack for a login check and
///   waits until that is in the other's kick queue. With both kick queues full both threads wait.
///
/// And a stall that needs no load: a write to a client that does not read holds the write lock for as long as writes may
/// take, and a login that kicks this client makes the thread wait for it. The unregister queue fills meanwhile, and the
/// thread's next step is the self-wait.
///
/// Sessions opened before are still answered then, since no frame of theirs passes through here; a new one is
/// registered no more.
///
/// What the cures remove (`HubCureTests`, `HubPeersTests`): `split-loops`, `unbounded-unregister` and `kick-elsewhere`
/// each remove the self-wait and the wait of lock and queue. **None of them removes the wait across gateways**, where
/// the thread that registers is still the one that takes the login checks.
///
/// Modelled on OpenIM's message gateway (3.5.1: order A, 3.8: order B). Threads that wait do so in futex(2), or in
/// recvfrom(2) for another gateway; tasks of connections wait in line without a thread, as goroutines do.
final class Hub: SessionRegistry {
    let counters = RegistryCounters()
    let online: OnlineUsers
    let gauges: QueueGauges
    let holdsUnadmittedSockets = true
    let hasWriteLocks = true
    var checkThread: String { defect.cure == .splitLoops ? "hub-register" : "hub" }

    let name: String
    let defect: RegistryDefect
    let backend = BackendCall()
    let peers = PeerCalls()
    let monitor = Monitor()
    // All below: guarded by `monitor`.
    nonisolated(unsafe) var queues: HubQueues
    nonisolated(unsafe) var table: HubClientTable
    nonisolated(unsafe) var pool: HubClientPool
    /// For the kicker: without bound.
    nonisolated(unsafe) var kicks = HubKicks()
    /// Sessions whose write lock somebody waits for.
    nonisolated(unsafe) var contended: [UInt64: Session] = [:]
    nonisolated(unsafe) var threads: [HubThread] = []
    nonisolated(unsafe) var isStopping = false
    nonisolated(unsafe) private var runningThreads = 0
    /// nil: not all threads could be started.
    nonisolated(unsafe) private var ended: (@Sendable () -> Void)?

    init(_ configuration: GatewayConfiguration, defect: RegistryDefect) {
        name = configuration.name
        self.defect = defect
        online = OnlineUsers()
        table = HubClientTable(online: online)
        pool = HubClientPool(isUsed: defect.pool == .on)
        gauges = QueueGauges(capacity: defect.queueCapacity)
        queues = HubQueues(defect: defect, gauges: gauges)
    }

    func start(ended: @escaping @Sendable () -> Void) throws(GatewayError) {
        let threads =
            switch defect.cure {
            case .none, .unboundedUnregister: [HubThread("hub", .queues([.register, .unregister, .kick]))]
            case .splitLoops:
                [
                    HubThread("hub-register", .queues([.register, .kick])),
                    HubThread("hub-unregister", .queues([.unregister])),
                ]
            case .kickElsewhere:
                [HubThread("hub", .queues([.register, .unregister, .kick])), HubThread("kicker", .kicks)]
            }
        monitor.withLock {
            self.threads = threads
            self.ended = ended
        }
        for thread in threads {
            monitor.withLock { runningThreads += 1 }
            do {
                try NamedThread.start(name: thread.name) { self.run(thread) }
            } catch {
                monitor.withLock { self.ended = nil }
                stop()
                throw error
            }
        }
    }

    func stop() {
        backend.cancelAll()
        peers.cancel()
        monitor.withLock {
            isStopping = true
            monitor.broadcast()
        }
    }

    func setPeers(_ addresses: [PeerAddress]) {
        peers.setPeers(addresses)
    }

    private func run(_ thread: HubThread) {
        monitor.withLock { thread.threadID = NamedThread.currentID }
        while let work = nextWork(for: thread) {
            switch work {
            case .register(let login): admitToTable(login, on: thread)
            case .unregister(let client, let session): removeFromTable(client, endedBy: session)
            case .check(let login): replaceLogin(for: login, on: thread)
            case .kick(let login, let cause): kick(login, for: cause, on: thread)
            }
        }
        let ended = monitor.withLock {
            runningThreads -= 1
            return runningThreads == 0 ? self.ended : nil
        }
        ended?()
    }

    /// Sleeps while there is none; nil: the hub stops and the thread's queues are empty.
    private func nextWork(for thread: HubThread) -> HubWork? {
        atomically { effects in
            while true {
                if let work = takeWork(for: thread, &effects) { return work }
                thread.doing = .nothing
                if isStopping { return nil }
                thread.isIdle = true
                monitor.wait()
                thread.isIdle = false
            }
        }
    }

    private func takeWork(for thread: HubThread, _ effects: inout HubEffects) -> HubWork? {
        switch thread.source {
        case .kicks:
            guard let kick = kicks.popFirst() else { return nil }
            thread.doing = .kicking(kick.login.session, for: kick.cause)
            return .kick(kick.login, for: kick.cause)
        case .queues(let kinds):
            guard let (first, placed) = queues.take(from: kinds) else { return nil }
            if let placed {
                tookPlace(placed, &effects)
            }
            switch first.item {
            case .register(let client):
                thread.doing = .registering(client.session)
                return .register(HubLogin(client))
            case .unregister(let client):
                thread.doing = .unregistering(client.session)
                return .unregister(client, endedBy: first.session)
            case .check(let login, _):
                thread.doing = .checking(account: login.account)
                return .check(login)
            }
        }
    }

    /// Runs `body` under the monitor, and what it wants done afterwards without.
    func atomically<Result>(_ body: (inout HubEffects) -> Result) -> Result {
        var effects = HubEffects()
        let result = monitor.withLock {
            let result = body(&effects)
            // Threads that wait for something else are not woken without need: a stuck one shows no activity.
            if effects.wakesThreads { monitor.broadcast() }
            return result
        }
        effects.run()
        return result
    }
}

/// What a thread of the hub does next.
enum HubWork {
    case register(HubLogin)
    case unregister(HubClient, endedBy: Session?)
    case check(LoginCheck)
    case kick(HubLogin, for: KickCause)
}

/// What follows from a change under the hub's monitor, done after it is given up.
struct HubEffects {
    var wakesThreads = false
    private var admitted: [Session] = []
    private var taken: [@Sendable () -> Void] = []

    mutating func admit(_ session: Session) {
        admitted.append(session)
    }

    mutating func call(_ taken: @escaping @Sendable () -> Void) {
        self.taken.append(taken)
    }

    func run() {
        for session in admitted {
            session.notify(.admitted)
        }
        for call in taken {
            call()
        }
    }
}
