// What the tasks of connections do. They run on event loops and never hold a thread while they wait.

extension Hub {
    /// The handshake task: waits for a place in the register queue, then the reader begins.
    func register(_ session: Session) {
        atomically { effects in
            let client = pool.take(for: session)
            session.tasks = ConnectionTasks(client)
            put(HubPut(.register(client), of: session), &effects)
        }
    }

    /// The reader finds the connection ended.
    ///
    /// The kernel has closed the socket before the write lock is asked for, the other way round than in OpenIM; no one
    /// inside could tell, since whoever holds the lock for long has closed the socket himself.
    func unregister(_ session: Session) {
        atomically { effects in
            guard let tasks = session.tasks else { return }
            tasks.hasEnded = true
            // Without a reader nobody notices.
            guard tasks.isReading else { return }
            close(session, tasks, &effects)
        }
    }

    /// A write waits for its peer: it has the write lock, or stands in line for it.
    func writeBlocked(_ session: Session) {
        monitor.withLock {
            guard let tasks = session.tasks, !tasks.isWriting else { return }
            tasks.isWriting = true
            _ = tasks.lock.acquire(for: .writer)
        }
    }

    func writeEnded(_ session: Session) {
        atomically { effects in
            guard let tasks = session.tasks, tasks.isWriting else { return }
            tasks.isWriting = false
            if tasks.lock.holder?.isWriter == true {
                unlock(session, &effects)
            } else {
                tasks.lock.writerLeavesLine()
            }
        }
    }

    /// Another gateway's request: waits for a place in the kick queue.
    func check(_ login: LoginCheck, taken: @escaping @Sendable () -> Void) {
        atomically { effects in
            put(HubPut(.check(login, taken: taken), of: nil), &effects)
        }
    }

    /// The reader's close(): flag, lock, place in the unregister queue, in the defect's order.
    private func close(_ session: Session, _ tasks: ConnectionTasks, _ effects: inout HubEffects) {
        if defect.order == .flagBeforeLock, session.isClosed { return }
        if tasks.lock.acquire(for: .reader) {
            closeLocked(session, tasks, &effects)
        } else {
            contended[session.id] = session
        }
    }

    /// The reader has got the write lock, and keeps it until it has a place in the unregister queue.
    private func closeLocked(_ session: Session, _ tasks: ConnectionTasks, _ effects: inout HubEffects) {
        if defect.order == .lockBeforeFlag, session.isClosed {
            return unlock(session, &effects)
        }
        session.markClosed()
        guard let client = tasks.client else { return unlock(session, &effects) }
        put(HubPut(.unregister(client), of: session), &effects)
    }

    func put(_ put: HubPut, _ effects: inout HubEffects) {
        switch queues.offer(put) {
        case .queued:
            if threads.contains(where: \.isIdle) {
                effects.wakesThreads = true
            }
            tookPlace(put, &effects)
        case .waiting:
            break
        }
    }

    /// Goes on with whoever waited for a place.
    func tookPlace(_ put: HubPut, _ effects: inout HubEffects) {
        if let thread = put.thread {
            thread.hasPlace = true
            effects.wakesThreads = true
            return
        }
        switch put.item {
        case .register:
            guard let session = put.session, let tasks = session.tasks else { return }
            tasks.isReading = true
            effects.admit(session)
            if tasks.hasEnded {
                close(session, tasks, &effects)
            }
        case .unregister:
            guard let session = put.session else { return }
            unlock(session, &effects)
        case .check(_, let taken):
            effects.call(taken)
        }
    }

    func unlock(_ session: Session, _ effects: inout HubEffects) {
        guard let tasks = session.tasks else { return }
        let next = tasks.lock.release()
        if tasks.lock.waitingCount == 0 {
            contended[session.id] = nil
        }
        switch next {
        case .reader: closeLocked(session, tasks, &effects)
        case .writer: break
        case .thread: effects.wakesThreads = true
        case nil: break
        }
    }
}
