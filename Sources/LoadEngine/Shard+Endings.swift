internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// How connections and iterations end: by plan, by the peer, by failure, and at the end of the run.
extension Shard {
    // MARK: Closing handshake

    mutating func startClose(_ index: Int, _ close: Int, _ now: Int64) {
        let account = accounts + index
        guard account.pointee.machine.state == .open else { return fail(index, Outcome(.notConnected), .ended, now) }
        beginClosing(index, program.closes[close], now)
    }

    private mutating func beginClosing(_ index: Int, _ close: Program.CompiledClose, _ now: Int64) {
        let account = accounts + index
        _ = account.pointee.closing.startClose()
        account.pointee.machine.closeStarted(byPeer: false)
        account.pointee.stepStartNs = now
        account.pointee.enter(.closing, atNs: now)
        arm(index, atNs: now &+ timeouts.close)
        disarmHeartbeat(index)
        resumeReading(index)
        recorder.countClose(code: close.code ?? CloseCode.noneReceived, byPeer: false)
        if case .failed(let failure) = sendFrame(index, .close, close.payload.bytes) {
            networkFailed(index, failure, now)
        }
    }

    /// Sends a close frame with `code` and no reason, or an empty one.
    private mutating func sendClose(_ index: Int, code: UInt16?) -> SendResult {
        scratch.removeAll()
        if let code { withUnsafeBytes(of: code.bigEndian) { scratch.append($0) } }
        return sendFrame(index, .close, scratch.bytes)
    }

    mutating func receivedClose(_ index: Int, _ code: UInt16?, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.closing.onCloseFrame() {
        case .reply:
            recorder.countClose(code: code ?? CloseCode.noneReceived, byPeer: true)
            // It crosses a logout, which goes on until the connection ends.
            let isLoggingOut = account.pointee.machine.state == .closing
            let wasAdmitted = account.pointee.machine.state == .open
            account.pointee.machine.closeStarted(byPeer: true)
            if !isLoggingOut { account.pointee.stepStartNs = now }
            let result = sendClose(index, code: code)
            account.pointee.closing.onReplySent()
            if isLoggingOut {
                if case .failed(let failure) = result { networkFailed(index, failure, now) }
                return
            }
            let outcome = outcome(ofClose: code ?? CloseCode.noneReceived, index)
            guard wasAdmitted else { return fail(index, outcome, .failure, now) }
            if account.pointee.activity == .running {
                account.pointee.activity = .failing
                account.pointee.failure = outcome
            }
            if case .failed(let failure) = result { return networkFailed(index, failure, now) }
            account.pointee.enter(.closing, atNs: now)
            arm(index, atNs: now &+ timeouts.close)
            disarmHeartbeat(index)
        case .finished:
            account.pointee.machine.closeAnswered()
        case .ignore:
            break
        }
    }

    /// What it means for the iteration that the server closes the connection with `code`.
    private func outcome(ofClose code: UInt16, _ index: Int) -> Outcome {
        if accounts[index].openIM.isKicked { return outcome(ofEnd: .connectionEnded, index) }
        guard assignment.plan.kick.codes.contains(code) else { return Outcome(.closedByPeer, code: code) }
        return assignment.plan.kick.expected ? Outcome(.kicked) : Outcome(.kickedUnexpectedly, code: code)
    }

    /// The TCP connection ended while a closing handshake was under way.
    mutating func closingConnectionEnded(_ index: Int, _ now: Int64) {
        let account = accounts + index
        let wasFailing = account.pointee.activity == .failing
        let outcome = outcome(ofEnd: .connectionEnded, index)
        recorder.record(.close, ns: now - account.pointee.stepStartNs)
        let disposal = connectionGone(index, .ended, now)
        if wasFailing { return endIteration(index, account.pointee.failure, now) }
        guard disposal == .closedClean else { return endIteration(index, outcome, now) }
        passed[Int(Phase.closing.rawValue)] += 1
        completeStep(index, dueNs: now, now)
    }

    // MARK: Failures

    /// Ends the iteration with `outcome` and drops its connection, which `cause` explains to the ledger.
    mutating func fail(_ index: Int, _ outcome: Outcome, _ cause: ConnectionMachine.Cause, _ now: Int64) {
        let account = accounts + index
        let counted = account.pointee.activity == .failing ? account.pointee.failure : outcome
        connectionGone(index, cause, now)
        endIteration(index, counted, now)
    }

    /// RFC 6455 §7.1.7: a close frame that says why, then the connection is dropped.
    mutating func violated(_ index: Int, _ violation: ProtocolViolation, _ now: Int64) {
        examples.add(violation: "\(violation.slug): \(violation.description)")
        if accounts[index].closing.startClose() == .sendClose {
            recorder.countClose(code: violation.closeCode, byPeer: false)
            _ = sendClose(index, code: violation.closeCode)
        }
        fail(index, Outcome(.protocolError, code: violation.closeCode), .failure, now)
    }

    /// The connection no longer exists, or shall not any more: descriptor, buffers and timers go, the ledger gets its entry.
    @discardableResult
    mutating func connectionGone(
        _ index: Int, _ cause: ConnectionMachine.Cause, _ now: Int64
    ) -> ConnectionMachine.Disposal? {
        let account = accounts + index
        loop.close(account.pointee.connection)
        forgetConnection(index)
        let wasOnline = account.pointee.machine.isOnline
        guard let disposal = account.pointee.machine.gone(cause) else { return nil }
        recorder.counters.pointee.count(disposal)
        if wasOnline { recorder.record(.session, ns: now - account.pointee.sessionStartNs) }
        return disposal
    }

    /// The client has no connection any more, whatever becomes of it: buffers and the heartbeat's timer go.
    mutating func forgetConnection(_ index: Int) {
        let account = accounts + index
        account.pointee.connection = .none
        disarmHeartbeat(index)
        account.pointee.isCollectingRefusal = false
        account.pointee.isAwaitingPong = false
        account.pointee.isAwaitingHeartbeat = false
        account.pointee.outstandingCount = 0
        account.pointee.isReadingStopped = false
        recorder.counters.pointee.messagesUnclaimed += account.pointee.openIM.early.count
        account.pointee.openIM.forgetConnection()
        buffers.giveBack(&account.pointee.partial)
        if account.pointee.inbox != .none {
            recorder.counters.pointee.messagesUnclaimed += Inbox(buffer: buffers[account.pointee.inbox]).count
            buffers.giveBack(&account.pointee.inbox)
        }
    }

    // MARK: Iterations

    mutating func endIteration(_ index: Int, _ outcome: Outcome, _ now: Int64) {
        let account = accounts + index
        recorder.count(outcome)
        disarm(index)
        account.pointee.enter(.waiting, atNs: now)
        account.pointee.failure = Outcome(.ok)
        account.pointee.isYielding = false
        switch outcome.kind {
        case .ok:
            recorder.counters.pointee.iterationsCompleted += 1
            recorder.record(.iteration, ns: now - account.pointee.iterationDueNs)
            account.pointee.failuresInARow = 0
        case .kicked:
            // The next login follows at once: nothing has failed.
            recorder.counters.pointee.iterationsInterrupted += 1
            account.pointee.failuresInARow = 0
        case .interrupted:
            recorder.counters.pointee.iterationsInterrupted += 1
        default:
            recorder.counters.pointee.iterationsFailed += 1
            if account.pointee.failuresInARow < .max { account.pointee.failuresInARow += 1 }
        }
        if stop.isDraining || isLastIteration(account.pointee.iterations) { return retire(index) }
        guard account.pointee.failuresInARow > 0 else { return startIteration(index, dueNs: now, now) }
        let delay = backOff.delayNs(
            failures: Int(account.pointee.failuresInARow), random: &account.pointee.random)
        account.pointee.activity = .backingOff
        arm(index, atNs: now &+ delay)
    }

    private func isLastIteration(_ iterations: UInt32) -> Bool {
        guard let wanted = assignment.plan.load.iterations else { return false }
        return Int(iterations) >= wanted
    }

    private mutating func retire(_ index: Int) {
        guard accounts[index].activity != .finished else { return }
        accounts[index].activity = .finished
        finishedAccounts += 1
        disarm(index)
    }

    // MARK: The end of the run

    mutating func perform(_ action: StopMachine.Action, _ now: Int64) {
        switch action {
        case .nothing, .cut:
            break
        case .drain:
            for index in 0..<accountCount { drain(index, now) }
        case .close:
            for index in 0..<accountCount where accounts[index].activity == .running { interrupt(index, now) }
        }
    }

    /// Accounts between iterations are done; those that only wait for the end go on with their steps.
    private mutating func drain(_ index: Int, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.activity {
        case .starting, .backingOff:
            retire(index)
        case .running:
            guard case .wait(let wait) = program.instructions[Int(account.pointee.nextInstruction)],
                case .end = program.waits[wait]
            else { return }
            completeStep(index, dueNs: now, now)
        case .failing, .finished:
            break
        }
    }

    /// Grace is over: an open connection is closed in order; one that is not yet open is left to show where it hangs.
    mutating func interrupt(_ index: Int, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.machine.state {
        case .none:
            endIteration(index, Outcome(.interrupted), now)
        case .open:
            account.pointee.activity = .failing
            account.pointee.failure = Outcome(.interrupted)
            beginClosing(index, program.goingAway, now)
        case .connecting, .securing, .handshaking, .admitting, .closing:
            break
        }
    }

    /// Reads what the controller wants. When it is gone, nobody wants the results any more.
    mutating func obeyControl() {
        for command in control.read() {
            switch command {
            case .drain: stop.drain()
            case .stop: _ = stop.halt()
            }
        }
    }
}
