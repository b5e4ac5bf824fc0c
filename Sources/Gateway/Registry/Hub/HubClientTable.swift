/// The clients that are registered under each account, oldest first.
///
/// An entry holds a client, not a session: one whose connection is over and was never taken out, since its end had
/// overtaken its registration, stays until the next login of the account, and speaks for another account's connection
/// once the client has been used again. Under `allowAll` nothing ever takes such an entry out.
struct HubClientTable: ~Copyable {
    private struct Entry {
        let client: HubClient
        /// Whose session the client was when it was registered.
        let session: Session
    }

    private var entries: [String: [Entry]] = [:]
    /// Entries, dead ones too.
    private(set) var sessionCount = 0
    private let online: OnlineUsers

    init(online: OnlineUsers) {
        self.online = online
    }

    var accountCount: Int { entries.count }

    mutating func register(_ client: HubClient) {
        let session = client.session
        entries[session.account, default: []].append(Entry(client: client, session: session))
        sessionCount += 1
        online.add(session)
    }

    /// Takes out what an account has for a newer login.
    ///
    /// - Parameter time: clients whose session was opened then or later stay.
    mutating func replaceLogins(of account: String, openedBefore time: MonotonicTime) -> [HubClient] {
        remove(under: account) { $0.session.openedAt < time }
    }

    /// Takes out the client of a session that has ended, if it is there under that session's account.
    ///
    /// - Returns: how many entries those were.
    mutating func unregister(_ session: Session) -> Int {
        remove(under: session.account) { $0.session === session }.count
    }

    private mutating func remove(under account: String, where leaves: (HubClient) -> Bool) -> [HubClient] {
        guard let all = entries[account] else { return [] }
        let leaving = all.filter { leaves($0.client) }
        guard !leaving.isEmpty else { return [] }
        let staying = all.filter { !leaves($0.client) }
        entries[account] = staying.isEmpty ? nil : staying
        sessionCount -= leaving.count
        for entry in leaving {
            online.remove(entry.session)
        }
        return leaving.map(\.client)
    }
}
