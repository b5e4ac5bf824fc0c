/// Admits sessions, forgets them, and lets a newer login take an older one's place.
///
/// `Registry` is the healthy one, `Hub` the one whose queues and locks can come to wait for each other.
protocol SessionRegistry: Sendable {
    var counters: RegistryCounters { get }
    var gauges: QueueGauges { get }

    /// Whether a connection that ends before its admission keeps its socket until then, since nobody reads it.
    var holdsUnadmittedSockets: Bool { get }

    /// The thread that serves login checks, as `waits()` names it.
    var checkThread: String { get }

    /// Who is registered.
    var online: OnlineUsers { get }

    /// Whether somebody may come to wait for a session's write; if not, those that wait need not be told of.
    var hasWriteLocks: Bool { get }

    /// A write to the session's socket does not get through: whoever wants to write to it or close it waits.
    ///
    /// Call from the connection's event loop; `writeEnded` must follow.
    func writeBlocked(_ session: Session)

    /// The write has got through, has failed, or its time is over.
    func writeEnded(_ session: Session)

    /// Starts the threads; `ended` is called by the last of them as its last act.
    func start(ended: @escaping @Sendable () -> Void) throws(GatewayError)

    /// Lets the threads end when the queues are empty; they make no further backend call and wait for nobody.
    func stop()

    /// A connection asks to be admitted; it is told by `SessionEvent.admitted`, maybe before this returns.
    func register(_ session: Session)

    /// A connection has ended.
    func unregister(_ session: Session)

    /// Another gateway of the stack has registered an account: older sessions of it must go.
    ///
    /// - Parameter taken: called once the check is in the queue.
    func check(_ login: LoginCheck, taken: @escaping @Sendable () -> Void)

    /// Names the internal addresses of the stack's other gateways.
    func setPeers(_ addresses: [PeerAddress])

    /// Who waits for what at this moment; never waits long itself.
    func waits() -> WaitReport
}

/// That an account has logged in elsewhere.
struct LoginCheck: Equatable, Sendable {
    var account: String
    /// Sessions opened before this give way.
    ///
    /// CLOCK_MONOTONIC is one clock for all processes of a machine.
    var openedBefore: MonotonicTime
    /// What the login has shown; empty: nothing.
    var token = ""
}

extension LoginCheck {
    /// What other gateways are told of a session that has been registered here.
    init(_ session: Session) {
        self.init(account: session.account, openedBefore: session.openedAt, token: session.token)
    }
}
