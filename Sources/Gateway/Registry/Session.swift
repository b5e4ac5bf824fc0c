internal import NIOCore
internal import Synchronization

/// One WebSocket connection as the registry sees it.
///
/// Threads share it: the connection's event loop, which learns that the connection has ended, and the
/// registry thread, which alone owns the registration.
final class Session: Sendable {
    /// What the registry thread has done with a session so far.
    enum Registration: Sendable {
        case pending
        case registered
        /// Replaced, abandoned or deregistered; nothing more happens to it.
        case over
    }

    /// Unique within the process, in the order of the upgrades.
    let id: UInt64
    /// What the table of accounts is keyed by: two sessions with the same one are logins of which one may take the
    /// other's place.
    let account: String
    /// Who is online: the account itself, or OpenIM's user, whose account is then the user on some platforms.
    let user: String
    /// 0: none.
    let platform: Int32
    /// What its login has shown; empty: nothing.
    let token: String
    /// What its registration does to older logins of its account.
    let policy: LoginPolicy
    /// Whether the connection is told of its registration.
    let reportsRegistration: Bool
    /// When the connection was upgraded, or asked to be.
    let openedAt = MonotonicTime.now
    private let channel: any Channel
    private let admission: EventLoopPromise<Void>?
    private let closed = Atomic<Bool>(false)
    private let background = Atomic<Bool>(false)

    // Read and written by the registry thread alone, or under the hub's monitor.
    nonisolated(unsafe) var registration = Registration.pending
    /// Its registration has taken the place of an older login.
    nonisolated(unsafe) var hasReplacedLogin = false
    /// Neighbours among the registered sessions of the same account.
    nonisolated(unsafe) var olderLogin: Session?
    nonisolated(unsafe) var newerLogin: Session?
    /// Guarded by the hub's monitor; only a hub uses it.
    nonisolated(unsafe) var tasks: ConnectionTasks?

    /// - Parameter admission: whom to tell of the admission; nil: the channel's handlers.
    init(
        id: UInt64, account: String, user: String? = nil, platform: Int32 = 0, token: String = "",
        policy: LoginPolicy, reportsRegistration: Bool = false, channel: any Channel,
        admission: EventLoopPromise<Void>? = nil
    ) {
        self.id = id
        self.account = account
        self.user = user ?? account
        self.platform = platform
        self.token = token
        self.policy = policy
        self.reportsRegistration = reportsRegistration
        self.channel = channel
        self.admission = admission
    }

    /// Whether the connection has ended, as far as its event loop knows.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    func markClosed() {
        closed.store(true, ordering: .releasing)
    }

    /// Whether its user has put the app aside; pushes then go another way on some platforms.
    var isInBackground: Bool { background.load(ordering: .relaxed) }

    func setInBackground(_ isInBackground: Bool) {
        background.store(isInBackground, ordering: .relaxed)
    }

    /// It stands in the table now.
    func registered() {
        if reportsRegistration { notify(.registered(replacing: hasReplacedLogin)) }
    }

    /// Tells the connection; returns at once, whatever its event loop is doing.
    func notify(_ event: SessionEvent) {
        if let admission, case .admitted = event {
            return admission.succeed()
        }
        channel.pipeline.fireUserInboundEventTriggered(event)
    }
}

/// What others tell a connection.
enum SessionEvent: Sendable {
    /// The registry knows the account now: frames are answered from here on.
    case admitted
    /// It stands in the table; of sessions that report it.
    case registered(replacing: Bool)
    case kicked(KickCause)
    /// A push for the session's user: a protobuf `PushMessages`, and what its sender called the operation.
    case push(operationID: String, data: ByteBuffer)
    /// A user to whom the session has subscribed has come or gone: a protobuf `SubUserOnlineStatusTips`.
    case statusChanged(data: ByteBuffer)
    /// The gateway sends nothing more and ends the connection.
    case finished
    /// The gateway shuts down.
    case goingAway
}

/// Why a session is kicked.
enum KickCause: Equatable, Sendable {
    /// This newer one of the same account has taken its place.
    case session(UInt64)
    /// Another gateway has registered a login of the account, which has shown that token.
    case loginElsewhere(token: String)
    /// OpenIM's service wants it.
    case order
}
