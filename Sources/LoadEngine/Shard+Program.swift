internal import Glibc
internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// Playing the flat program.
extension Shard {
    mutating func startIteration(_ index: Int, dueNs: Int64, _ now: Int64) {
        let account = accounts + index
        account.pointee.activity = .running
        account.pointee.nextInstruction = 0
        account.pointee.iterations &+= 1
        account.pointee.iterationDueNs = dueNs
        recorder.counters.pointee.iterationsStarted += 1
        play(index, dueNs: dueNs, now)
    }

    /// The present step is done; `dueNs` is when the next one is due, which is now unless the step was a wait.
    mutating func completeStep(_ index: Int, dueNs: Int64, _ now: Int64) {
        accounts[index].nextInstruction += 1
        play(index, dueNs: dueNs, now)
    }

    /// Steps that an account may play without waiting before others have their turn.
    private static var stepsPerTurn: Int { 256 }

    /// Runs steps until one has to wait.
    mutating func play(_ index: Int, dueNs: Int64, _ now: Int64) {
        let account = accounts + index
        account.pointee.stepDueNs = dueNs
        var stepsLeft = Self.stepsPerTurn
        while true {
            stepsLeft -= 1
            guard stepsLeft > 0 else {
                account.pointee.isYielding = true
                account.pointee.enter(account.pointee.machine.isOnline ? .open : .waiting, atNs: now)
                return arm(index, atNs: now)
            }
            switch program.instructions[Int(account.pointee.nextInstruction)] {
            case .connect(let connect):
                return startConnect(index, connect, now)
            case .send(let message):
                guard startSend(index, message, now) else { return }
            case .receive(let receive):
                guard startReceive(index, receive, now) else { return }
            case .wait(let wait):
                guard startWait(index, wait, now) else { return }
            case .ping:
                return startPing(index, now)
            case .close(let close):
                return startClose(index, close, now)
            case .abort:
                guard account.pointee.machine.exists else { return fail(index, Outcome(.notConnected), .ended, now) }
                loop.reset(account.pointee.connection)
                connectionGone(index, .ended, now)
            case .abandon(let abandon):
                guard startAbandon(index, abandon, now) else { return }
            case .stopReading:
                guard stopReading(index, now) else { return }
            case .request(let call):
                return startRequest(index, call, now)
            case .logout:
                return startLogout(index, now)
            case .role(let roles):
                let start = program.roles[roles].start(account: values(index).index)
                account.pointee.nextInstruction = UInt16(start)
                continue
            case .choose(let choice):
                let draw = account.pointee.random.nextUnit()
                account.pointee.nextInstruction = UInt16(program.choices[choice].start(draw: draw))
                continue
            case .jump(let destination):
                account.pointee.nextInstruction = UInt16(destination)
                continue
            case .loopBegin(let slot, let times):
                loopCounters[index * program.loopSlots + slot] = times
            case .loopEnd(let slot, let start):
                let counter = loopCounters + (index * program.loopSlots + slot)
                counter.pointee -= 1
                if counter.pointee > 0 {
                    account.pointee.nextInstruction = UInt16(start)
                    continue
                }
            case .end:
                return endIteration(index, Outcome(.ok), now)
            }
            account.pointee.nextInstruction += 1
        }
    }

    /// True when the message is wholly in the kernel, false when the account must wait or has failed.
    private mutating func startSend(_ index: Int, _ message: Int, _ now: Int64) -> Bool {
        let account = accounts + index
        guard account.pointee.machine.state == .open else {
            fail(index, Outcome(.notConnected), .ended, now)
            return false
        }
        let compiled = program.messages[message]
        if let openIM, let recipient = compiled.recipient {
            return startMessage(index, compiled, to: recipient, openIM, now)
        }
        account.pointee.sequence &+= 1
        let payload = compiled.payload.render(values(index), random: &account.pointee.random, scratch: scratch)
        outstanding.push(
            .init(dueNs: account.pointee.stepDueNs, sentNs: now), account: index, &account.pointee)
        recorder.counters.pointee.messagesSent += 1
        return didSend(index, sendFrame(index, compiled.opcode, payload), now)
    }

    /// What became of a message's frame; true when it is wholly in the kernel.
    mutating func didSend(_ index: Int, _ result: SendResult, _ now: Int64) -> Bool {
        switch result {
        case .sent:
            return true
        case .queued:
            accounts[index].enter(.sending, atNs: now)
            arm(index, atNs: now &+ timeouts.send)
            return false
        case .failed(let failure):
            networkFailed(index, failure, now)
            return false
        }
    }

    /// True when messages that came early were all it wanted.
    private mutating func startReceive(_ index: Int, _ receive: Int, _ now: Int64) -> Bool {
        let account = accounts + index
        guard account.pointee.machine.state == .open else {
            fail(index, Outcome(.notConnected), .ended, now)
            return false
        }
        account.pointee.wantedMessages = program.receives[receive].count
        if let openIM { takeEarly(index, receive, openIM) } else { takeFromInbox(index, receive) }
        guard account.pointee.wantedMessages > 0 else {
            account.pointee.enter(.open, atNs: now)
            return true
        }
        account.pointee.enter(.receiving, atNs: now)
        arm(index, atNs: now &+ program.receives[receive].timeoutNs)
        return false
    }

    /// True when there is nothing to wait for.
    private mutating func startWait(_ index: Int, _ wait: Int, _ now: Int64) -> Bool {
        let account = accounts + index
        let lengthNs: Int64
        switch program.waits[wait] {
        case .fixed(let fixed):
            lengthNs = fixed
        case .uniform(let from, let to):
            lengthNs = from &+ Int64(account.pointee.random.nextUnit() * Double(to &- from))
        case .exponential(let meanNs):
            let draw = -log(1 - account.pointee.random.nextUnit())
            lengthNs = Int64(min(draw, 10) * meanNs)
        case .end:
            if stop.isDraining { return true }
            account.pointee.enter(account.pointee.machine.isOnline ? .open : .waiting, atNs: now)
            disarm(index)
            return false
        }
        guard lengthNs > 0 else { return true }
        account.pointee.enter(account.pointee.machine.isOnline ? .open : .waiting, atNs: now)
        arm(index, atNs: account.pointee.stepDueNs &+ lengthNs)
        return false
    }

    private mutating func startPing(_ index: Int, _ now: Int64) {
        let account = accounts + index
        guard account.pointee.machine.state == .open else { return fail(index, Outcome(.notConnected), .ended, now) }
        account.pointee.isAwaitingPong = true
        account.pointee.pingSentNs = now
        account.pointee.enter(.receiving, atNs: now)
        arm(index, atNs: now &+ timeouts.ping)
        sendPing(index, .step, now)
    }

    /// The step timer: a wait is over, a start or a back-off is due, or a step took too long.
    mutating func stepTimerFired(_ index: Int, dueNs: Int64, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.activity {
        case .starting, .backingOff:
            startIteration(index, dueNs: dueNs, now)
        case .failing:
            connectionGone(index, .timeout, now)
            endIteration(index, account.pointee.failure, now)
        case .finished:
            break
        case .running where account.pointee.isYielding:
            account.pointee.isYielding = false
            play(index, dueNs: now, now)
        case .running:
            switch account.pointee.phase {
            case .waiting, .open: completeStep(index, dueNs: dueNs, now)
            case .connecting: fail(index, Outcome(.connectTimeout), .timeout, now)
            case .securing: fail(index, Outcome(.tlsTimeout), .timeout, now)
            case .handshaking:
                if account.pointee.isCollectingRefusal { return refusalComplete(index, now) }
                fail(index, Outcome(.handshakeTimeout), .timeout, now)
            case .admitting: fail(index, Outcome(.admissionTimeout), .timeout, now)
            case .sending: fail(index, Outcome(.sendTimeout), .timeout, now)
            case .receiving:
                fail(index, Outcome(account.pointee.isAwaitingPong ? .pingTimeout : .receiveTimeout), .timeout, now)
            case .closing: fail(index, Outcome(.closeTimeout), .timeout, now)
            }
        }
    }
}
