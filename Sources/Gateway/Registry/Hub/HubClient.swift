/// What stands in the hub's queues and in its table for a connection; guarded by the hub's monitor.
///
/// When its connection has been deregistered it goes to a pool, from which the next handshake takes it for its own
/// session. Whoever still holds it then, a queue or the table, holds the later session without knowing.
final class HubClient: Sendable {
    nonisolated(unsafe) var session: Session
    /// In the pool; nobody's connection uses it.
    nonisolated(unsafe) fileprivate(set) var isFree = false

    init(_ session: Session) {
        self.session = session
    }
}

/// A client and the session it had when it was looked at.
struct HubLogin: Sendable {
    let client: HubClient
    let session: Session

    /// Call under the hub's monitor.
    init(_ client: HubClient) {
        self.client = client
        session = client.session
    }
}

/// Clients whose connections have been deregistered, last in first out as Go's sync.Pool gives them to one processor.
struct HubClientPool: ~Copyable {
    private var free: [HubClient] = []
    /// Whether clients are used again at all.
    let isUsed: Bool

    init(isUsed: Bool) {
        self.isUsed = isUsed
    }

    /// A client for a new session, fresh if the pool is empty.
    mutating func take(for session: Session) -> HubClient {
        guard let client = free.popLast() else { return HubClient(session) }
        client.isFree = false
        client.session = session
        return client
    }

    /// Takes back a client that was deregistered.
    ///
    /// One that is deregistered twice is here already, or is another open connection's by then, and stays as it is:
    /// in OpenIM 3.5.1 it is handed to two connections at once, which then read from one socket.
    mutating func giveBack(_ client: HubClient) {
        guard isUsed, !client.isFree, client.session.isClosed else { return }
        client.isFree = true
        free.append(client)
    }
}
