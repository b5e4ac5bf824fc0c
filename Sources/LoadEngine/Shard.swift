internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// One process's share of the accounts, played on one thread and one event loop.
///
/// All state is owned here without locks. The loop is pulled: `run` waits, takes completions and expired timers one by one, and
/// each is one call that moves one account as far as it can go without waiting.
package struct Shard: ~Copyable {
    /// Owner number of the control descriptor; accounts have smaller ones.
    static let controlOwner = UInt32.max

    let assignment: ShardPlan
    let program: Program
    let timeouts: TimeoutsNs
    let graceNs: Int64
    let loop: EventLoop
    let address: SocketAddress
    let sources: [SocketAddress]
    let tls: TLSContext?
    let accounts: UnsafeMutablePointer<Account>
    let accountCount: Int
    let loopCounters: UnsafeMutablePointer<UInt32>
    /// The step timer, one for each abandoned connection, and the heartbeat.
    let timersPerAccount: Int
    let logins: Int
    /// Accounts that left each phase towards success in the present interval, by `Phase.rawValue`.
    let passed: UnsafeMutablePointer<Int>
    /// nil with another dialect.
    let openIM: OpenIM?
    let backOff: CompiledBackOff
    let scratch = ByteBuffer(capacity: 4096)
    let outgoing = ByteBuffer(capacity: 4096)

    var wheel: TimerWheel
    var outstanding: OutstandingSends
    var abandoned: AbandonedConnections
    var buffers = BufferPool()
    var recorder = IntervalRecorder()
    var examples = Examples()
    var stop = StopMachine()
    var finishedAccounts = 0
    var sequence = 0
    var intervalStartNs: Int64
    var scheduleLagMaxNs: Int64 = 0
    var usage = GeneratorUsage()
    var output: IntervalOutput
    var control: ControlInput

    /// Prepares sockets and memory. `control` is read for `drain` and `stop` lines, intervals are written to `output`.
    ///
    /// - Throws: an error of the reactor or of TLS, or `ShardError`.
    package init(_ assignment: ShardPlan, control: Int32, output: Int32) throws {
        // Whatever can fail comes first: a noncopyable value is made whole or not at all.
        let target = assignment.target
        let accountCount = assignment.clientCount
        let abandonedAtMost = assignment.plan.steps.abandonedAtMost
        let address = try Self.address(SocketAddress(parsing: assignment.address), assignment.address)
        let sources = try target.sources.map { try Self.address(SocketAddress(host: $0, port: 0), $0) }
        let tls = try target.isSecure ? TLSContext(TLSConfiguration(target)) : nil
        let program = Program(assignment.plan, target: target)
        let tokens = try Self.tokens(assignment, program)
        let loop = try EventLoop(maxConnections: accountCount * (1 + abandonedAtMost) + 1)
        _ = try loop.watch(descriptor: control, owner: Self.controlOwner)

        self.assignment = assignment
        self.accountCount = accountCount
        self.address = address
        self.sources = sources
        self.tls = tls
        self.loop = loop
        self.program = program
        openIM = Self.openIM(assignment.plan, tokens: tokens)
        backOff = CompiledBackOff(assignment.plan.backOff)
        timeouts = TimeoutsNs(assignment.plan.timeouts)
        graceNs = assignment.plan.load.grace.nanoseconds
        accounts = .allocate(capacity: max(accountCount, 1))
        loopCounters = .allocate(capacity: max(accountCount * program.loopSlots, 1))
        timersPerAccount = 1 + abandonedAtMost + (program.hasHeartbeat ? 1 : 0)
        logins = assignment.plan.accounts.logins
        passed = .allocate(capacity: Phase.allCases.count)
        passed.initialize(repeating: 0, count: Phase.allCases.count)
        wheel = TimerWheel(capacity: max(accountCount * timersPerAccount, 1), nowNs: assignment.startNs)
        outstanding = OutstandingSends(accounts: accountCount, perAccount: program.outstandingSends)
        abandoned = AbandonedConnections(clients: accountCount, perClient: abandonedAtMost)
        intervalStartNs = assignment.startNs
        self.output = IntervalOutput(descriptor: output)
        self.control = ControlInput(descriptor: control)
        for index in 0..<accountCount {
            let random = AccountRandom(seed: assignment.seed, client: assignment.clientNumber(index))
            (accounts + index).initialize(to: Account(random: random, maxMessageBytes: assignment.plan.maxMessageBytes))
        }
    }

    private static func address(_ address: SocketAddress?, _ text: String) throws(ShardError) -> SocketAddress {
        guard let address else { throw .invalidAddress(text) }
        return address
    }

    private static func tokens(_ assignment: ShardPlan, _ program: Program) throws(ShardError) -> LoginTokens {
        guard let openIM = assignment.plan.openIM, assignment.plan.dialect == .openim else { return LoginTokens() }
        if let path = assignment.credentials { return try LoginTokens(assignment, platforms: openIM, path: path) }
        guard !program.needsTokens else { throw .noCredentials }
        return LoginTokens()
    }

    private static func openIM(_ plan: Plan, tokens: consuming LoginTokens) -> OpenIM? {
        guard let settings = plan.openIM, plan.dialect == .openim else { return nil }
        let openIM = OpenIM.allocate(capacity: 1)
        openIM.initialize(
            to: OpenIMClient(
                settings, tokens: tokens, accountID: plan.accounts.id, maxMessageBytes: plan.maxMessageBytes))
        return openIM
    }

    deinit {
        openIM?.deinitialize(count: 1)
        openIM?.deallocate()
        accounts.deallocate()
        loopCounters.deallocate()
        passed.deallocate()
    }

    /// Plays the plan until its duration and grace are over, all iterations are done, or the controller stops it.
    package mutating func run() {
        scheduleStarts()
        if let duration = assignment.plan.load.duration {
            stop.end(atNs: assignment.startNs &+ duration.nanoseconds)
        }
        while true {
            loop.wait(untilNs: nextWakeNs())
            while let completion = loop.next() { handle(completion) }
            let now = loop.refreshNow()
            fireTimers(now)
            perform(stop.onTime(now, graceNs: graceNs, closeNs: timeouts.close), now)
            if finishedAccounts == accountCount {
                resetAllAbandoned(now)
                break
            }
            if stop.isOver { break }
            if now >= nextIntervalNs { emitInterval(endNs: nextIntervalNs, isLast: false) }
            output.flush()
            if output.isBroken { break }
        }
        finish()
    }

    private mutating func scheduleStarts() {
        let ramp = Double(assignment.plan.load.ramp.nanoseconds)
        let count = Double(max(assignment.plan.accounts.clients, 1))
        for index in 0..<accountCount {
            let offset = Int64(ramp * Double(assignment.clientNumber(index)) / count)
            accounts[index].enter(.waiting, atNs: assignment.startNs)
            arm(index, atNs: assignment.startNs &+ offset)
        }
    }

    private mutating func nextWakeNs() -> Int64 {
        var wake = min(nextIntervalNs, stop.nextDeadlineNs ?? .max)
        if let timer = wheel.nextExpiryNs { wake = min(wake, timer) }
        return output.isPending ? min(wake, loop.nowNs &+ IntervalOutput.retryNs) : wake
    }

    private mutating func fireTimers(_ now: Int64) {
        wheel.advance(toNs: now)
        while let timer = wheel.nextExpired() {
            let index = Int(timer) / timersPerAccount
            let kind = Int(timer) % timersPerAccount
            if kind == 0 {
                let dueNs = accounts[index].timerDueNs
                scheduleLagMaxNs = max(scheduleLagMaxNs, now - dueNs)
                stepTimerFired(index, dueNs: dueNs, now)
            } else if kind <= abandoned.perClient {
                resetAbandoned(index, kind - 1, now)
            } else {
                heartbeatDue(index, now)
            }
        }
    }

    /// What is counted as open or pending is so when the last interval is taken; only then is anything cut.
    private mutating func finish() {
        emitInterval(endNs: max(loop.refreshNow(), intervalStartNs &+ 1), isLast: true)
        output.flushCompletely()
        for index in 0..<accountCount where accounts[index].machine.exists {
            loop.reset(accounts[index].connection)
        }
        abandoned.forEach { loop.reset($0.connection) }
    }

    // MARK: Timers of an account

    mutating func arm(_ index: Int, atNs due: Int64) {
        accounts[index].timerDueNs = due
        wheel.schedule(UInt32(index * timersPerAccount), atNs: due)
    }

    mutating func disarm(_ index: Int) {
        wheel.cancel(UInt32(index * timersPerAccount))
    }

    mutating func armHeartbeat(_ index: Int, atNs due: Int64) {
        wheel.schedule(heartbeatTimer(index), atNs: due)
    }

    mutating func disarmHeartbeat(_ index: Int) {
        if program.hasHeartbeat { wheel.cancel(heartbeatTimer(index)) }
    }

    private func heartbeatTimer(_ index: Int) -> UInt32 { UInt32((index + 1) * timersPerAccount - 1) }

    func values(_ index: Int) -> TemplateValues {
        let account = accounts + index
        let client = assignment.clientNumber(index)
        return TemplateValues(
            index: logins == 1 ? client : client / logins, login: logins == 1 ? 0 : client % logins,
            iteration: account.pointee.iterations &- 1, sequence: account.pointee.sequence)
    }
}
