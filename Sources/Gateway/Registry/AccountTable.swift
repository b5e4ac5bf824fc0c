/// Which accounts are online, and by which sessions.
///
/// Sessions of one account are linked, newest first, through `Session.olderLogin` and `newerLogin`.
struct AccountTable: ~Copyable {
    private var newestLogin: [String: Session] = [:]
    private(set) var sessionCount = 0
    private let online: OnlineUsers?

    init(online: OnlineUsers? = nil) {
        self.online = online
    }

    var accountCount: Int { newestLogin.count }

    /// Puts a session in.
    ///
    /// - Returns: under `kickOlder` the session that it replaces; the table has forgotten that one.
    mutating func register(_ session: Session) -> Session? {
        session.registration = .registered
        online?.add(session)
        let older = newestLogin.updateValue(session, forKey: session.account)
        sessionCount += 1
        if session.policy == .kickOlder, older != nil { session.hasReplacedLogin = true }
        session.registered()
        switch session.policy {
        case .allowAll:
            session.olderLogin = older
            older?.newerLogin = session
            return nil
        case .kickOlder:
            guard let older else { return nil }
            older.registration = .over
            online?.remove(older)
            sessionCount -= 1
            return older
        }
    }

    /// Takes out the newest session of an account for a newer login that is registered elsewhere or next.
    ///
    /// - Parameter time: a session opened then or later stays.
    /// - Returns: the session that the table has forgotten; nil: none gives way.
    mutating func replaceLogin(of account: String, openedBefore time: MonotonicTime) -> Session? {
        guard let session = newestLogin[account], session.openedAt < time, unregister(session) else { return nil }
        return session
    }

    /// Takes a session out.
    ///
    /// - Returns: `false` when it is not in the table: replaced before, or never registered.
    mutating func unregister(_ session: Session) -> Bool {
        guard session.registration == .registered else {
            session.registration = .over
            return false
        }
        session.registration = .over
        online?.remove(session)
        sessionCount -= 1
        let older = session.olderLogin
        let newer = session.newerLogin
        session.olderLogin = nil
        session.newerLogin = nil
        older?.newerLogin = newer
        if let newer {
            newer.olderLogin = older
        } else {
            newestLogin[session.account] = older
        }
        return true
    }
}
