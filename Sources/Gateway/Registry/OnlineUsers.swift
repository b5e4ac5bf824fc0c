internal import Synchronization

/// The registered sessions of each user, for whoever is not the registry's thread: pushes, kicks by order, questions.
final class OnlineUsers: Sendable {
    private struct State {
        var sessions: [String: [Session]] = [:]
        var gauge = 0
    }

    private let state = Mutex(State())
    let subscriptions = StatusSubscriptions()

    func add(_ session: Session) {
        state.withLock {
            if $0.sessions[session.user] == nil { $0.gauge += 1 }
            $0.sessions[session.user, default: []].append(session)
        }
    }

    func remove(_ session: Session) {
        state.withLock {
            guard let index = $0.sessions[session.user]?.firstIndex(where: { $0 === session }) else { return }
            $0.sessions[session.user]?.remove(at: index)
            if $0.sessions[session.user]?.isEmpty == true {
                $0.sessions[session.user] = nil
                $0.gauge -= 1
            }
        }
    }

    /// Takes out the sessions of a user and platform to be kicked, as OpenIM does in the thread that carries out the
    /// order: their registration ends later, and finds the user gone, so that ``gauge`` keeps counting him.
    func takeForKick(user: String, platform: Int32) -> [Session] {
        state.withLock {
            guard let all = $0.sessions[user] else { return [] }
            let rest = all.filter { $0.platform != platform }
            $0.sessions[user] = rest.isEmpty ? nil : rest
            return all.filter { $0.platform == platform }
        }
    }

    func sessions(of user: String) -> [Session] {
        state.withLock { $0.sessions[user] ?? [] }
    }

    /// Users, not sessions.
    var count: Int { state.withLock { $0.sessions.count } }

    /// What `online_user_num` tells: `count`, and those kicked by order.
    var gauge: Int { state.withLock { $0.gauge } }
}
