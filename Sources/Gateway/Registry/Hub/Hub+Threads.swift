// What the hub's threads do. All of it blocks the calling thread.

extension Hub {
    func admitToTable(_ session: Session, on thread: HubThread) {
        if session.policy == .kickOlder {
            let older = monitor.withLock {
                session.registration == .pending ? replaceLogin(of: session.account, openedBefore: .distantFuture) : nil
            }
            if let older {
                monitor.withLock { session.hasReplacedLogin = true }
                kick(older, for: .session(session.id), on: thread)
                monitor.withLock { thread.doing = .registering(session) }
            }
        }
        let isRegistered = monitor.withLock {
            // Its end may have overtaken it, as the queues are chosen from at random.
            guard session.registration == .pending else {
                counters.abandoned.add(1)
                return false
            }
            _ = accounts.register(session)
            counters.registered.add(1)
            counters.publish(accounts)
            return true
        }
        guard isRegistered else { return }
        backend.make(taking: defect.registerTime)
        if session.policy == .kickOlder {
            askPeers(LoginCheck(account: session.account, openedBefore: session.openedAt), on: thread)
        }
    }

    func removeFromTable(_ session: Session) {
        monitor.withLock {
            if accounts.unregister(session) {
                counters.unregistered.add(1)
                counters.publish(accounts)
            }
        }
        // The user service is told of each end, also of sessions that had been replaced.
        backend.make(taking: defect.unregisterTime)
    }

    func replaceLogin(for login: LoginCheck, on thread: HubThread) {
        let older = monitor.withLock { replaceLogin(of: login.account, openedBefore: login.openedBefore) }
        if let older {
            kick(older, for: .loginElsewhere, on: thread)
        }
    }

    /// Call under the monitor.
    private func replaceLogin(of account: String, openedBefore time: MonotonicTime) -> Session? {
        guard let older = accounts.replaceLogin(of: account, openedBefore: time) else { return nil }
        counters.replaced.add(1)
        counters.publish(accounts)
        return older
    }

    /// Other gateways put a check into their kick queues; waits until all have done so, however long that is.
    private func askPeers(_ login: LoginCheck, on thread: HubThread) {
        peers.ask(login) { peer in
            monitor.withLock { thread.wait = peer.map { (.call($0), .now) } }
        }
    }

    // MARK: Kicks

    private func kick(_ session: Session, for cause: KickCause, on thread: HubThread) {
        if defect.cure == .kickElsewhere {
            monitor.withLock {
                kicks.append((session, cause))
                monitor.broadcast()
            }
        } else {
            monitor.withLock { thread.doing = .kicking(session, for: cause) }
            kick(session, on: thread)
        }
        backend.make(taking: defect.kickTime)
    }

    /// Tells the peer and ends the connection.
    func kick(_ session: Session, on thread: HubThread) {
        if !session.isClosed {
            guard lock(session, on: thread) else { return }
            if !session.isClosed {
                monitor.withLock { counters.kicked.add(1) }
                session.notify(.kicked)
            }
            atomically { unlock(session, &$0) }
        }
        close(session, on: thread)
    }

    /// The thread's close(): flag, lock, place in the unregister queue, in the defect's order.
    private func close(_ session: Session, on thread: HubThread) {
        if defect.order == .flagBeforeLock, session.isClosed { return }
        guard lock(session, on: thread) else { return }
        if defect.order == .flagBeforeLock || !session.isClosed {
            session.markClosed()
            session.notify(.finished)
            putUnregister(session, on: thread)
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
    private func putUnregister(_ session: Session, on thread: HubThread) {
        atomically { effects in
            thread.hasPlace = false
            put(HubPut(.unregister(session), by: thread), &effects)
            if thread.hasPlace { return }
            thread.wait = (.unregisterQueue, .now)
            defer { thread.wait = nil }
            while !thread.hasPlace, !isStopping {
                monitor.wait()
            }
        }
    }
}
