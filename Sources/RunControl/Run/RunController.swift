internal import Diagnosis
internal import Foundation
internal import Glibc
internal import LoadEngine
internal import LoadMetrics
internal import LoadPlan
package import RunReport
internal import ServerWatch

/// Starts a run's processes, gathers what they say, ends them, and makes the report.
///
/// One thread, one `poll` over signals and pipes. Every wait has a deadline: the run outlives neither its plan nor its user.
package final class RunController {
    package struct Result {
        package let report: Report
        /// Why `report.json` could not be written, if so.
        package let writeFailure: String?
    }

    /// Between spawning the shards and their first connect: time to start and read the plan.
    private static let shardStartNs: Int64 = 150_000_000
    private static let shardStartEachNs: Int64 = 20_000_000
    /// After the plan's own end: how long until shards are told to stop, then killed.
    private static let overdueNs: Int64 = 3_000_000_000
    private static let tickMs: Int32 = 200
    /// How long a freeze whose class is not known yet waits to be announced.
    private static let classDelayS = 3.2

    private let request: RunRequest
    private let preparation: RunPreparation
    private let observer: any RunObserver
    private let folder: RunFolder
    private let signals = SignalInput()
    private var journal: Journal
    private var gateway: GatewayStack?
    private var watch: RunWatch?
    private var interruptions = 0
    private var isFailingFast = false
    private var hasAnnouncedCritical = false
    private var announced: Set<String> = []
    private var journalFailureShown = false
    private var startNs: Int64 = 0

    package init(_ request: RunRequest, _ preparation: RunPreparation, observer: any RunObserver) throws(RunError) {
        guard preparation.fatalProblems.isEmpty else { throw .doesNotFit(preparation.fatalProblems) }
        self.request = request
        self.preparation = preparation
        self.observer = observer
        folder = try RunFolder(creating: request.folder)
        journal = Journal(path: folder.journalPath)
    }

    /// Plays the run to its end and writes its report.
    package func run() throws(RunError) -> Result {
        defer { gateway?.stop() }
        let target = try startTarget()
        let enrollment = try enroll()
        let shardCount = preparation.needs.shards
        startNs = MonotonicClock.nowNs + Self.shardStartNs + Int64(shardCount) * Self.shardStartEachNs
        let header = header(target, enrollment)
        var builder = ReportBuilder(header: header)
        journal.append(.header(header))
        observer.started(header, folder: folder.path)
        for problem in preparation.problems { warn(problem.description, &builder) }
        startWatch(&builder)
        defer { watch?.stop() }

        let shards: ShardProcesses
        do {
            shards = try ShardProcesses(assignments(target, enrollment), executable: request.executable)
        } catch {
            throw .start("a shard could not be started: \(error)")
        }
        supervise(shards, &builder)
        return finish(&builder)
    }

    // MARK: Start

    /// The target with its numeric address; for the bundled gateway after its processes are up.
    private func startTarget() throws(RunError) -> (url: TargetURL, address: String) {
        if case .url(var url) = request.plan.target, let address = preparation.address {
            url.sources = preparation.needs.sources
            return (url, address.text)
        }
        var layout = request.stack
        layout.gateways = preparation.needs.gateways
        layout.log = folder.path + "/gateway.log"
        let stack: GatewayStack
        do {
            stack = try GatewayStack(layout, executable: request.executable)
        } catch {
            throw .start("\(error)")
        }
        gateway = stack
        let resource =
            request.plan.openIM?.resource(behind: Template(literal: "/"))
            ?? Template(segments: [.literal(Array("/?account=".utf8)), .placeholder(.account)])
        let url = TargetURL(
            isSecure: false, host: "127.0.0.1", port: stack.port, resource: resource,
            sources: preparation.needs.sources)
        return (url, stack.address)
    }

    private func enroll() throws(RunError) -> RunEnrollment? {
        guard let openIM = request.plan.openIM else { return nil }
        return try RunEnrollment(
            request.plan, openIM, api: gateway?.rest, folder: folder, observer: observer, signals: signals)
    }

    /// What is written down and handed to the shards knows no secret.
    private func plan(_ enrollment: RunEnrollment?) -> Plan {
        var plan = request.plan
        plan.openIM?.secret = ""
        plan.openIM?.version = enrollment?.version
        return plan
    }

    private func header(_ target: (url: TargetURL, address: String), _ enrollment: RunEnrollment?) -> RunHeader {
        var plan = plan(enrollment)
        var text = plan.openIM == nil ? "\(target.url)" : target.url.withoutQuery
        if plan.target == .bundled {
            text = "bundled (\(text))"
        } else {
            plan.target = .url(target.url)
        }
        let started = Date(timeIntervalSinceNow: Double(startNs - MonotonicClock.nowNs) / 1e9)
        return RunHeader(
            runID: folder.path.split(separator: "/").last.map(String.init) ?? plan.name, plan: plan,
            profileSHA256: request.profileSHA256, seed: request.seed,
            startedAt: started.formatted(.iso8601), version: request.version,
            host: RunReport.Host.current(preparation.limits),
            shards: preparation.needs.shards, target: text, addresses: [target.address],
            enrollment: enrollment?.figures)
    }

    private func assignments(
        _ target: (url: TargetURL, address: String), _ enrollment: RunEnrollment?
    ) -> [ShardPlan] {
        let plan = plan(enrollment)
        return (0..<preparation.needs.shards).map {
            ShardPlan(
                plan: plan, target: target.url, address: target.address, shard: $0,
                shards: preparation.needs.shards, seed: request.seed, startNs: startNs,
                credentials: enrollment?.credentials)
        }
    }

    // MARK: While it runs

    private func supervise(_ shards: ShardProcesses, _ builder: inout ReportBuilder) {
        var deadlineNs = plannedEndNs()
        var forced = 0
        // Whoever interrupts twice does not want to wait for a scene either.
        while !shards.isDone || (interruptions < 2 && watch?.isKeepingScene(atS: secondsNow()) == true) {
            wait(for: shards.descriptors)
            for event in shards.read() { take(event, &builder) }
            watchServer(&builder)
            for death in gateway?.takeDeaths() ?? [] {
                take(
                    ProcessExit(
                        role: death.member.exitRole, number: death.member.number, pid: death.member.process.pid,
                        atS: secondsNow(), reason: death.how),
                    &builder)
            }
            announceFindings(&builder)
            obeySignals(shards, &deadlineNs)
            if request.failFast, !isFailingFast, hasAnnouncedCritical,
                watch?.isKeepingScene(atS: secondsNow()) != true
            {
                isFailingFast = true
                observer.stopping("first finding: ending the run (--fail-fast)")
                shards.stop()
                deadlineNs = MonotonicClock.nowNs
            }
            if let deadline = deadlineNs, MonotonicClock.nowNs > deadline + Self.overdueNs {
                forced += 1
                deadlineNs = MonotonicClock.nowNs
                if forced == 1 { shards.stop() } else { shards.kill() }
            }
        }
    }

    /// When every shard must have ended by the plan; nil when iterations are counted and time is not.
    private func plannedEndNs() -> Int64? {
        guard let duration = request.plan.load.duration else { return nil }
        return startNs &+ duration.nanoseconds &+ drainNs
    }

    private var drainNs: Int64 {
        request.plan.load.grace.nanoseconds &+ request.plan.timeouts.close.nanoseconds
    }

    private func wait(for descriptors: [Int32]) {
        var polled = (descriptors + [signals.descriptor] + (watch.map { [$0.descriptor] } ?? [])).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        poll(&polled, nfds_t(polled.count), Self.tickMs)
    }

    private func take(_ event: ShardProcesses.Event, _ builder: inout ReportBuilder) {
        switch event {
        case .interval(let interval):
            journal.append(.interval(interval))
            do {
                let seconds = try builder.add(interval)
                for second in seconds { observer.passed(second, builder) }
            } catch {
                warn("shard \(interval.shard) sent an interval that cannot be: \(error)", &builder)
            }
        case .garbled(let shard):
            warn("shard \(shard) wrote a line that is no interval; it was dropped", &builder)
        case .died(let shard, let pid, let how):
            take(ProcessExit(role: .shard, number: shard, pid: pid, atS: secondsNow(), reason: how), &builder)
        }
        if let failure = journal.failure, !journalFailureShown {
            journalFailureShown = true
            warn("the journal is incomplete, `report recover` would miss the rest: \(failure)", &builder)
        }
    }

    private func take(_ exit: ProcessExit, _ builder: inout ReportBuilder) {
        journal.append(.exit(exit))
        for second in builder.add(exit) {
            observer.passed(second, builder)
        }
    }

    private func announceFindings(_ builder: inout ReportBuilder) {
        for finding in builder.findings where !isPremature(finding) {
            guard announced.insert("\(finding.kind) \(finding.severity) \(finding.onsetS)").inserted else { continue }
            observer.found(finding)
            if finding.severity == .critical { hasAnnouncedCritical = true }
            if finding.severity == .critical, !finding.accusesGenerator {
                watch?.keepScene(of: finding.kind.rawValue, atS: secondsNow())
            }
        }
    }

    /// A freeze is seen with the accounts' second. The server's sample of that second, which tells why, comes a moment later, and a
    /// server that has just come to rest shows it only after some more.
    private func isPremature(_ finding: Finding) -> Bool {
        finding.evidence["class"] == "unknown" && secondsNow() < finding.onsetS + Self.classDelayS
    }

    // MARK: The server

    private func startWatch(_ builder: inout ReportBuilder) {
        let isLocal = preparation.address?.isLocal ?? false
        do {
            watch = try RunWatch(
                request.plan.watch, stack: gateway, port: isLocal ? preparation.address?.port : nil,
                originNs: startNs, folder: folder.path,
                reserve: ShardProcesses.descriptorsEach * preparation.needs.shards)
        } catch {
            warn("the server is not watched: \(error)", &builder)
        }
    }

    private func watchServer(_ builder: inout ReportBuilder) {
        for record in watch?.take(atS: secondsNow()) ?? [] {
            journal.append(record)
            switch record {
            case .source(let source): builder.add(source)
            case .sample(let sample): builder.add(sample)
            case .event(let event):
                builder.add(event)
                if event.kind == .unreadable { warn(event.detail, &builder) }
            case .scene(let scene):
                builder.add(scene)
                observer.kept(scene)
            case .header, .interval, .exit, .warning, .end: break
            }
        }
    }

    private func obeySignals(_ shards: ShardProcesses, _ deadlineNs: inout Int64?) {
        for _ in 0..<signals.take() {
            interruptions += 1
            switch interruptions {
            case 1:
                observer.stopping("interrupted: finishing iterations; once more to stop now")
                shards.drain()
                deadlineNs = MonotonicClock.nowNs &+ drainNs
            case 2:
                observer.stopping("interrupted again: stopping now")
                shards.stop()
                deadlineNs = MonotonicClock.nowNs
            default:
                shards.kill()
            }
        }
    }

    private func warn(_ text: String, _ builder: inout ReportBuilder) {
        builder.add(warning: text)
        journal.append(.warning(text))
        observer.warned(text)
    }

    // MARK: End

    private func finish(_ builder: inout ReportBuilder) -> Result {
        let members = gateway?.members ?? []
        watch?.stop()
        gateway?.stop()
        for member in members where member.process.end != .exited(0) {
            guard let end = member.process.end, !builder.findings.contains(where: { $0.kind == .processExit }) else {
                continue
            }
            warn("\(member.name) did not end in order: \(end)", &builder)
        }
        let end = RunEnd(
            wallS: max(secondsNow(), 0), interruption: interruptions > 0 ? "interrupted by the user" : nil)
        journal.append(.end(end))
        let report = builder.finish(end)
        do {
            try RunFolder.write(ReportFile.encode(report), to: folder.reportPath)
            return Result(report: report, writeFailure: nil)
        } catch {
            return Result(report: report, writeFailure: "\(error)")
        }
    }

    private func secondsNow() -> Double { Double(MonotonicClock.nowNs - startNs) / 1e9 }
}

extension StackMember {
    fileprivate var exitRole: ProcessExit.Role {
        switch role {
        case .gateway, .watched: .gateway
        case .messages: .messages
        case .proxy: .proxy
        }
    }
}

extension RunReport.Host {
    /// This machine.
    fileprivate static func current(_ limits: MachineLimits) -> RunReport.Host {
        var name = utsname()
        uname(&name)
        func text(_ field: some Any) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return RunReport.Host(
            cpus: limits.processors, kernel: "\(text(name.sysname)) \(text(name.release))",
            hostname: text(name.nodename),
            memoryKiB: limits.totalMemoryKiB, descriptorLimit: limits.descriptorsPerProcess)
    }
}
