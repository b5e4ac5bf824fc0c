internal import Synchronization

/// The registered sessions of each user, for whoever is not the registry's thread: pushes, kicks by order, questions.
final class OnlineUsers: Sendable {
    private let sessions = Mutex<[String: [Session]]>([:])

    func add(_ session: Session) {
        sessions.withLock { $0[session.user, default: []].append(session) }
    }

    func remove(_ session: Session) {
        sessions.withLock {
            $0[session.user]?.removeAll { $0 === session }
            if $0[session.user]?.isEmpty == true { $0[session.user] = nil }
        }
    }

    func sessions(of user: String) -> [Session] {
        sessions.withLock { $0[user] ?? [] }
    }

    /// Users, not sessions.
    var count: Int { sessions.withLock { $0.count } }
}
