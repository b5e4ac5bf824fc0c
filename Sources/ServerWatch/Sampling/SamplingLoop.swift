internal import CLinux
internal import Glibc
internal import LoadMetrics
internal import Synchronization

/// What the thread `watch` does: a sample of each source at each tick, and between them an eye on processes that end.
final class SamplingLoop {
    private let state: WatchState
    private let originNs: Int64
    private let periodNs: Int64
    private let probes: [ProbeRunner]
    var processes: [WatchedProcess] = []
    var ports: [PortFollower] = []
    /// Processes that were named, by number, whether they live or not.
    var named: [Int: WatchedSource] = [:]
    private var nextNumber: Int
    /// Ports of which it has been said that nobody can be found there, until somebody is.
    var silentPorts: Set<Int> = []
    /// Numbers of ports' first sources that have had a process.
    var occupied: Set<Int> = []

    init(_ targets: [WatchTarget], originNs: Int64, periodNs: Int64, probes: [ProbeRunner], state: WatchState) {
        self.state = state
        self.originNs = originNs
        self.periodNs = periodNs
        self.probes = probes
        nextNumber = targets.count + probes.count
        let nowNs = MonotonicClock.nowNs
        for (number, target) in targets.enumerated() {
            switch target {
            case .process(let pid, let role, let name, let port):
                let source = WatchedSource(number: number, kind: .process, role: role, name: name, port: port)
                named[number] = source
                if !attach(pid, to: source) {
                    post(.source(source))
                    report(.unreadable, number, "there is no process \(pid) for \(name)", atNs: nowNs)
                }
            case .port(let port):
                named[number] = Self.source(number: number, port: port)
                ports.append(PortFollower(port: port, number: number))
            }
        }
        for probe in probes { post(.source(probe.source)) }
    }

    func run() {
        var tick = (MonotonicClock.nowNs - originNs).dividedRoundingUp(by: periodNs)
        sample()
        while !state.mustStop {
            let dueNs = originNs + tick * periodNs
            waitForNews(untilNs: dueNs)
            let nowNs = MonotonicClock.nowNs
            guard nowNs >= dueNs, !state.mustStop else { continue }
            sample()
            // A tick that took too long, or a machine that slept, makes no samples up for what was missed.
            tick = max(tick + 1, (MonotonicClock.nowNs - originNs).dividedRoundingUp(by: periodNs))
        }
        for probe in probes { probe.cancel() }
    }

    // MARK: Ticks

    private func sample() {
        let nowNs = MonotonicClock.nowNs
        let atS = seconds(nowNs)
        followPorts(atNs: nowNs)
        for probe in probes { probe.ask(atS: atS) }
        let begun = processes.filter { process in
            attempt(process, atNs: nowNs) { () throws(ProcError) in try process.sampler.begin(atNs: nowNs) }
        }
        var sockets = TickSockets(readers: begun.count { $0.sampler.wantsSockets })
        for process in begun {
            attempt(process, atNs: nowNs) { () throws(ProcError) in try finish(process, &sockets, atNs: nowNs) }
        }
    }

    /// Has a process that turns out to have ended leave; says what else goes wrong, such as that we have no descriptor left.
    ///
    /// - Returns: whether nothing has.
    @discardableResult
    private func attempt(
        _ process: WatchedProcess, atNs: Int64, _ body: () throws(ProcError) -> Void
    ) -> Bool {
        do {
            try body()
            return true
        } catch .gone {
            lose(process)
        } catch {
            complain(of: process, "cannot be read: \(error)", atNs: atNs)
        }
        return false
    }

    private func complain(of process: WatchedProcess, _ complaint: String, atNs: Int64) {
        guard process.complaints.insert(complaint).inserted else { return }
        let source = process.source
        report(.unreadable, source.number, "\(source.name) (pid \(process.pid)) \(complaint)", atNs: atNs)
    }

    private func finish(_ process: WatchedProcess, _ sockets: inout TickSockets, atNs nowNs: Int64) throws(ProcError) {
        var sample = ServerSample(source: process.source.number, atS: seconds(nowNs))
        sample.pid = process.pid
        let port = process.source.port
        var table: (table: SocketTable, costNs: Int64)?
        if process.sampler.wantsSockets {
            table = sockets.table(of: process.sampler.process, namespace: process.namespace)
        }
        let listeners = port.flatMap { _ in
            sockets.listeners(of: process.sampler.process, namespace: process.namespace)
        }
        try process.sampler.finish(
            &sample, port: port, table: table?.table, tableCostNs: table?.costNs ?? 0, listeners: listeners,
            atNs: nowNs, processes: processes.count)
        post(.sample(sample))
        if let denied = process.sampler.denied {
            complain(
                of: process,
                "does not let us read \(denied): run gatecrash as the same user or as root, or with CAP_SYS_PTRACE; the "
                    + "rest is sampled without",
                atNs: nowNs)
        }
        let record = SourceRecord(
            source: process.source, pid: process.pid, firstCounts: process.sampler.firstCounts,
            firstCountsNs: process.sampler.firstCountsNs, memory: process.sampler.memory,
            threads: process.sampler.threads)
        state.records.withLock { $0[process.source.number] = record }
    }

    // MARK: Processes that come and go

    /// - Returns: whether there is such a process.
    @discardableResult
    func attach(_ pid: Int32, to source: WatchedSource, restartAtNs: Int64? = nil) -> Bool {
        guard let process = try? WatchedProcess(source, pid: pid) else { return false }
        processes.append(process)
        processes.sort { $0.source.number < $1.source.number }
        post(.source(process.source))
        if let restartAtNs {
            report(.restarted, source.number, "\(source.name) was restarted: it is pid \(pid) now", atNs: restartAtNs)
        }
        return true
    }

    private func lose(_ process: WatchedProcess) {
        processes.removeAll { $0 === process }
        for index in ports.indices { ports[index].ended(number: process.source.number) }
        state.records.withLock { _ = $0.removeValue(forKey: process.source.number) }
        let how = process.end.description(process: process.sampler.process) ?? "only its parent knows how"
        report(
            .exited, process.source.number, "\(process.source.name) (pid \(process.pid)) has ended: \(how)",
            atNs: MonotonicClock.nowNs)
    }

    /// Sleeps until the next tick, unless a process ends or somebody has something to say.
    private func waitForNews(untilNs dueNs: Int64) {
        var wanted = [pollfd(fd: state.samplingWake.descriptor, events: Int16(POLLIN), revents: 0)]
        // poll(2) passes over descriptors below zero.
        for process in processes {
            wanted.append(pollfd(fd: process.end.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let leftMs = (dueNs - MonotonicClock.nowNs).dividedRoundingUp(by: 1_000_000)
        guard poll(&wanted, nfds_t(wanted.count), Int32(clamping: max(0, leftMs))) > 0 else { return }
        if wanted[0].revents != 0 { state.samplingWake.clear() }
        let ended = zip(processes, wanted.dropFirst()).filter { $0.1.revents != 0 }.map(\.0)
        for process in ended { lose(process) }
    }

    // MARK: News

    func newNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    func post(_ news: WatchNews) { state.news.post(news) }

    func report(_ kind: ServerEvent.Kind, _ source: Int, _ detail: String, atNs: Int64) {
        post(.event(ServerEvent(source: source, kind: kind, atS: seconds(atNs), detail: detail)))
    }

    private func seconds(_ timeNs: Int64) -> Double { Double(timeNs - originNs) / 1e9 }
}

extension Int64 {
    /// The smallest whole quotient that reaches it; `divisor` is above zero.
    fileprivate func dividedRoundingUp(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
