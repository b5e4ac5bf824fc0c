extension Hub {
    /// A consistent picture; the monitor is never held by one who waits.
    func waits() -> WaitReport {
        monitor.withLock {
            var report = WaitReport(gateway: name)
            let now = MonotonicTime.now
            addQueues(to: &report)
            addLocks(to: &report, now)
            addThreads(to: &report, now)
            addTasks(to: &report, now)
            return report
        }
    }

    private func addQueues(to report: inout WaitReport) {
        let queues: [(String, HubQueues.Kind, QueueGauge, Int?)] = [
            ("register", .register, gauges.registerGauge, gauges.capacity),
            ("unregister", .unregister, gauges.unregisterGauge, self.queues.unregisterCapacity),
            ("kick", .kick, gauges.kickGauge, gauges.capacity),
        ]
        for (queue, kind, gauge, capacity) in queues {
            report.resources.append(
                .init(
                    id: report.id("queue:\(queue)"), what: "\(queue) queue", capacity: capacity, used: gauge.depth,
                    waiting: gauge.waitingCount, freedBy: readers(of: kind).map { report.id("thread:\($0.name)") }))
        }
    }

    private func readers(of kind: HubQueues.Kind) -> [HubThread] {
        threads.filter {
            if case .queues(let kinds) = $0.source { kinds.contains(kind) } else { false }
        }
    }

    private func addLocks(to report: inout WaitReport, _ now: MonotonicTime) {
        for session in contended.values.sorted(by: { $0.id < $1.id }) {
            guard let lock = session.tasks?.lock, let holder = lock.holder else { continue }
            let holderID =
                switch holder {
                case .reader: "reader:\(session.id)"
                case .writer: addWriter(to: &report, session, since: lock.heldSince, now)
                case .thread(let thread): "thread:\(thread.name)"
                }
            report.resources.append(
                .init(
                    id: report.id("lock:\(session.id)"), what: "write lock of \(name(of: session))",
                    waiting: lock.waitingCount, freedBy: [report.id(holderID)]))
            if let since = lock.readerWaitsSince {
                report.actors.append(
                    .init(
                        id: report.id("reader:\(session.id)"), what: "reader of session \(session.id)",
                        doing: "closing", waitsFor: report.id("lock:\(session.id)"),
                        waitingMilliseconds: since.milliseconds(until: now)))
            }
        }
    }

    /// - Returns: the writer's part of its identifier.
    private func addWriter(
        to report: inout WaitReport, _ session: Session, since: MonotonicTime, _ now: MonotonicTime
    ) -> String {
        let part = "writer:\(session.id)"
        let client = report.id("client:\(session.id)")
        report.resources.append(
            .init(id: client, what: "client of \(name(of: session)), which does not read", freedBy: []))
        report.actors.append(
            .init(
                id: report.id(part), what: "write to session \(session.id)", doing: "sending", waitsFor: client,
                waitingMilliseconds: since.milliseconds(until: now)))
        return part
    }

    private func addThreads(to report: inout WaitReport, _ now: MonotonicTime) {
        for thread in threads {
            var actor = WaitReport.Actor(
                id: report.id("thread:\(thread.name)"), what: "\(thread.name) thread", threadID: thread.threadID,
                doing: text(of: thread.doing))
            if let (wait, since) = thread.wait {
                actor.waitingMilliseconds = since.milliseconds(until: now)
                switch wait {
                case .unregisterQueue: actor.waitsFor = report.id("queue:unregister")
                case .lock(let session): actor.waitsFor = report.id("lock:\(session.id)")
                case .call(let peer):
                    let call = "\(peer.gateway)/calls"
                    actor.waitsFor = call
                    report.resources.append(
                        .init(id: call, what: "login check at \(peer.gateway)", freedBy: peer.answeredBy))
                }
            }
            report.actors.append(actor)
        }
    }

    private func addTasks(to report: inout WaitReport, _ now: MonotonicTime) {
        var readers = 0
        var readersSince: MonotonicTime?
        queues.forEachWaiting(for: .unregister) { put in
            guard put.thread == nil, let session = put.session else { return }
            guard contended[session.id] == nil else {
                // Someone waits for what it holds.
                report.actors.append(
                    .init(
                        id: report.id("reader:\(session.id)"), what: "reader of session \(session.id)",
                        doing: "closing", waitsFor: report.id("queue:unregister"),
                        waitingMilliseconds: put.since.milliseconds(until: now)))
                return
            }
            readers += 1
            readersSince = readersSince ?? put.since
        }
        report.add(.closingReaders, count: readers, milliseconds: readersSince?.milliseconds(until: now))
        for (group, kind) in [(WaitReport.Group.handshakes, HubQueues.Kind.register), (.loginChecks, .kick)] {
            var count = 0
            var since: MonotonicTime?
            queues.forEachWaiting(for: kind) { put in
                count += 1
                since = since ?? put.since
            }
            report.add(group, count: count, milliseconds: since?.milliseconds(until: now))
        }
    }

    private func name(of session: Session) -> String {
        "session \(session.id) (\(session.account))"
    }

    private func text(of doing: HubThread.Doing) -> String {
        switch doing {
        case .nothing: "waiting for work"
        case .registering(let session): "registering \(name(of: session))"
        case .unregistering(let session): "deregistering \(name(of: session))"
        case .checking(let account): "checking the logins of \(account)"
        case .kicking(let session, .session(let newer)): "kicking \(name(of: session)) for session \(newer)"
        case .kicking(let session, .loginElsewhere): "kicking \(name(of: session)) for a login at another gateway"
        case .kicking(let session, .order): "kicking \(name(of: session)) as ordered"
        }
    }
}
