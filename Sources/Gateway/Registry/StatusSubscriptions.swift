internal import Synchronization

/// Which sessions are told when a user comes or goes (request 2005 of OpenIM 3.8).
final class StatusSubscriptions: Sendable {
    private struct State {
        var subscribers: [String: [UInt64: Session]] = [:]
        var users: [UInt64: Set<String>] = [:]
    }

    private let state = Mutex(State())

    func subscribe(_ session: Session, to users: [String]) {
        guard !users.isEmpty else { return }
        state.withLock { state in
            for user in users {
                state.subscribers[user, default: [:]][session.id] = session
                state.users[session.id, default: []].insert(user)
            }
        }
    }

    func unsubscribe(_ session: Session, from users: [String]) {
        state.withLock { state in
            for user in users where state.users[session.id]?.remove(user) != nil {
                Self.remove(session, from: user, &state)
            }
        }
    }

    /// The session's connection is gone.
    func end(_ session: Session) {
        state.withLock { state in
            for user in state.users.removeValue(forKey: session.id) ?? [] {
                Self.remove(session, from: user, &state)
            }
        }
    }

    func subscribers(of user: String) -> [Session] {
        state.withLock { $0.subscribers[user].map { Array($0.values) } ?? [] }
    }

    private static func remove(_ session: Session, from user: String, _ state: inout State) {
        state.subscribers[user]?[session.id] = nil
        if state.subscribers[user]?.isEmpty == true { state.subscribers[user] = nil }
    }
}
