// What the hub's threads do. All of it blocks the calling thread.

extension Hub {
    /// Registers whatever session the client has by now, be it over, or registered already.
    func admitToTable(_ login: HubLogin, on thread: HubThread) {
        let session = login.session
        if session.policy == .kickOlder {
            for older in replaceLogins(of: session.account, openedBefore: .distantFuture) {
                monitor.withLock { session.hasReplacedLogin = true }
                beginKick(older, for: .session(session.id), on: thread)
                monitor.withLock { thread.doing = .registering(session) }
            }
        }
        monitor.withLock {
            table.register(login.client)
            counters.registered.add(1)
            counters.publish(table)
        }
        session.registered()
        backend.make(taking: defect.registerTime)
        if session.policy == .kickOlder {
            askPeers(LoginCheck(session), on: thread)
        }
    }

    /// - Parameter session: whose end it is; the client may be another's by then, which is taken out in its stead.
    func removeFromTable(_ client: HubClient, endedBy session: Session?) {
        monitor.withLock {
            session?.tasks?.client = nil
            counters.unregistered.add(table.unregister(client.session))
            counters.publish(table)
        }
        // The user service is told of each end, also of sessions that had been replaced.
        backend.make(taking: defect.unregisterTime)
        monitor.withLock { pool.giveBack(client) }
    }

    func replaceLogin(for login: LoginCheck, on thread: HubThread) {
        for older in replaceLogins(of: login.account, openedBefore: login.openedBefore) {
            beginKick(older, for: .loginElsewhere(token: login.token), on: thread)
        }
    }

    private func replaceLogins(of account: String, openedBefore time: MonotonicTime) -> [HubLogin] {
        monitor.withLock {
            let older = table.replaceLogins(of: account, openedBefore: time).map { HubLogin($0) }
            counters.replaced.add(older.count)
            counters.publish(table)
            return older
        }
    }

    /// Other gateways put a check into their kick queues; waits until all have done so, however long that is.
    private func askPeers(_ login: LoginCheck, on thread: HubThread) {
        peers.ask(login) { peer in
            monitor.withLock { thread.wait = peer.map { (.call($0), .now) } }
        }
    }

    // MARK: Kicks

    private func beginKick(_ login: HubLogin, for cause: KickCause, on thread: HubThread) {
        if defect.cure == .kickElsewhere {
            monitor.withLock {
                kicks.append((login, cause))
                monitor.broadcast()
            }
        } else {
            monitor.withLock { thread.doing = .kicking(login.session, for: cause) }
            kick(login, for: cause, on: thread)
        }
        backend.make(taking: defect.kickTime)
    }

    /// Tells the peer and ends the connection: takes its write lock, and keeps it until its end has a place in the
    /// unregister queue.
    ///
    /// In OpenIM the lock is given up between the two, and taken back at once: a Go mutex goes to the goroutine that
    /// runs, not to one that has just begun to wait.
    func kick(_ login: HubLogin, for cause: KickCause, on thread: HubThread) {
        let session = login.session
        if defect.order == .flagBeforeLock, session.isClosed { return }
        guard lock(session, on: thread) else { return }
        if !session.isClosed {
            monitor.withLock { counters.kicked.add(1) }
            session.notify(.kicked(cause))
            session.markClosed()
            session.notify(.finished)
            putUnregister(login, on: thread)
        }
        atomically { unlock(session, &$0) }
    }

    /// - Returns: `false` when the hub stops and the lock is not to be had at once.
    private func lock(_ session: Session, on thread: HubThread) -> Bool {
        monitor.withLock {
            guard let tasks = session.tasks else { return false }
            if tasks.lock.acquire(for: .thread(thread)) { return true }
            contended[session.id] = session
            thread.wait = (.lock(of: session), .now)
            defer { thread.wait = nil }
            while tasks.lock.holder?.isThread(thread) != true {
                if isStopping {
                    tasks.lock.leaveLine(thread)
                    return false
                }
                monitor.wait()
            }
            return true
        }
    }

    /// Waits for a place, unless the hub stops.
    private func putUnregister(_ login: HubLogin, on thread: HubThread) {
        atomically { effects in
            thread.hasPlace = false
            put(HubPut(.unregister(login.client), of: login.session, by: thread), &effects)
            if thread.hasPlace { return }
            thread.wait = (.unregisterQueue, .now)
            defer { thread.wait = nil }
            while !thread.hasPlace, !isStopping {
                monitor.wait()
            }
        }
    }
}
