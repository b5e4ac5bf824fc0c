internal import Dialects
internal import Glibc
internal import LoadMetrics
internal import LoadPlan
internal import WebSocketWire

/// What the server says in OpenIM, binary messages: answers, pushes, kicks.
extension Shard {
    mutating func receivedFrame(_ index: Int, _ frame: UnsafeRawBufferPointer, _ openIM: OpenIM, _ now: Int64) {
        let account = accounts + index
        let response: OpenIMResponse
        do {
            response = try openIM.pointee.codec.decode(frame)
        } catch {
            recorder.counters.pointee.messagesReceived += 1
            return invalidMessage(index, "\(error)", now)
        }
        switch response.identifier {
        case OpenIMOperation.push:
            receivedPushes(index, response.data, openIM, now)
        case OpenIMOperation.kick:
            recorder.counters.pointee.messagesReceived += 1
            account.pointee.openIM.isKicked = true
        case OpenIMOperation.sendMessage:
            recorder.counters.pointee.messagesReceived += 1
            receivedAcknowledgement(index, response, now)
        default:
            recorder.counters.pointee.messagesReceived += 1
            receivedAnswer(index, response, now)
        }
    }

    /// How it is counted that a connection ended without a closing handshake.
    func outcome(ofEnd kind: Outcome.Kind, _ index: Int) -> Outcome {
        guard accounts[index].openIM.isKicked else { return Outcome(kind) }
        guard assignment.plan.kick.expected else {
            return Outcome(.kickedUnexpectedly, code: OpenIMOperation.kick)
        }
        return Outcome(.kicked)
    }

    /// A message that is none of the dialect: nothing that follows could be trusted.
    mutating func invalidMessage(_ index: Int, _ what: String, _ now: Int64) {
        examples.add(violation: "message_invalid: \(what)")
        fail(index, Outcome(.messageInvalid), .failure, now)
    }

    // MARK: Answers

    private mutating func receivedAcknowledgement(_ index: Int, _ response: OpenIMResponse, _ now: Int64) {
        guard let number = response.msgIncr.decimal, acknowledged(index, number, now) else {
            recorder.counters.pointee.messagesUnclaimed += 1
            return
        }
        guard response.errorCode == 0 else { return requestFailed(index, response, now) }
        guard accounts[index].machine.state == .open else { return unclaimed() }
        received(index, .answer, from: UnsafeRawBufferPointer(start: nil, count: 0), now)
    }

    /// Times the answer to a message; false when none of the connection's messages has this number, or it is answered already.
    private mutating func acknowledged(_ index: Int, _ number: UInt32, _ now: Int64) -> Bool {
        let account = accounts + index
        if let times = outstanding.take(number: number, account: index, &account.pointee) {
            recorder.record(.reply, ns: now - times.dueNs)
            recorder.record(.replyService, ns: now - times.sentNs)
            return true
        }
        guard account.pointee.openIM.untimedSends > 0, number <= account.pointee.openIM.requests else { return false }
        account.pointee.openIM.untimedSends -= 1
        return true
    }

    /// The answer to a request that is no message.
    private mutating func receivedAnswer(_ index: Int, _ response: OpenIMResponse, _ now: Int64) {
        let account = accounts + index
        let awaited = account.pointee.openIM.awaitedRequest
        guard awaited > 0, response.msgIncr.decimal == awaited else { return unclaimed() }
        account.pointee.openIM.awaitedRequest = 0
        guard response.errorCode == 0 else { return requestFailed(index, response, now) }
        // Of a logout only the end of the connection is still to come.
        if account.pointee.machine.state == .closing { return account.pointee.machine.closeAnswered() }
        recorder.record(.reply, ns: now - account.pointee.stepDueNs)
        recorder.record(.replyService, ns: now - account.pointee.stepStartNs)
        passed[Int(Phase.receiving.rawValue)] += 1
        completeStep(index, dueNs: now, now)
    }

    private mutating func requestFailed(_ index: Int, _ response: OpenIMResponse, _ now: Int64) {
        let words = String(decoding: response.errorMessage.prefix(200), as: UTF8.self)
        examples.add(violation: "request_failed: \(response.identifier) answered \(response.errorCode) \(words)")
        let outcome = Outcome(.requestFailed, code: response.errorCode)
        let account = accounts + index
        guard account.pointee.closing.state != .open else { return fail(index, outcome, .failure, now) }
        // A closing handshake that is under way goes on.
        if account.pointee.activity == .running {
            account.pointee.activity = .failing
            account.pointee.failure = outcome
        }
    }

    private func unclaimed() {
        recorder.counters.pointee.messagesUnclaimed += 1
    }

    // MARK: Pushes

    private mutating func receivedPushes(
        _ index: Int, _ data: UnsafeRawBufferPointer, _ openIM: OpenIM, _ now: Int64
    ) {
        let connection = accounts[index].connection
        do {
            try PushedMessage.forEach(in: data) { message in
                recorder.counters.pointee.messagesReceived += 1
                timeDelivery(message, now)
                // What one message sets off may end the connection that the others came on.
                guard accounts[index].connection == connection else { return unclaimed() }
                receivedPush(index, message, openIM, now)
            }
        } catch {
            guard accounts[index].connection == connection else { return }
            invalidMessage(index, "\(error)", now)
        }
    }

    /// From when the message was due until now, if it is one of this run.
    private func timeDelivery(_ message: PushedMessage, _ now: Int64) {
        guard let id = message.clientMessageID, id.client < assignment.plan.accounts.clients,
            id.dueNs >= assignment.startNs, id.dueNs <= now
        else { return }
        recorder.record(.delivery, ns: now - id.dueNs)
    }

    private mutating func receivedPush(_ index: Int, _ message: PushedMessage, _ openIM: OpenIM, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.machine.state {
        case .admitting where !account.pointee.openIM.awaitsFirstResponse && admits(index, with: .message):
            admitted(index, now)
        case .admitting, .open:
            let isOwn = message.sendID.hasSameBytes(as: userID(index, openIM))
            received(index, isOwn ? .ownPush : .othersPush, from: message.sendID, now)
        case .none, .connecting, .securing, .handshaking, .closing:
            unclaimed()
        }
    }

    func admits(_ index: Int, with admit: Connect.Admit) -> Bool {
        program.connects[Int(accounts[index].connectIndex)].admit == admit
    }

    // MARK: For `receive`

    /// Gives a message to the `receive` that waits for it, or keeps it for a later one.
    private mutating func received(
        _ index: Int, _ sort: EarlyMessages.Sort, from sender: UnsafeRawBufferPointer, _ now: Int64
    ) {
        let account = accounts + index
        guard account.pointee.machine.state == .open, account.pointee.phase == .receiving,
            case .receive(let receive) = program.instructions[Int(account.pointee.nextInstruction)],
            wants(index, receive, sort, from: sender)
        else { return keep(index, sort, from: sender, now) }
        account.pointee.wantedMessages -= 1
        guard account.pointee.wantedMessages == 0 else { return }
        passed[Int(Phase.receiving.rawValue)] += 1
        completeStep(index, dueNs: now, now)
    }

    private func wants(
        _ index: Int, _ receive: Int, _ sort: EarlyMessages.Sort, from sender: UnsafeRawBufferPointer
    ) -> Bool {
        switch program.receives[receive].match {
        case .any: true
        case .ack: sort == .answer
        case .push: sort != .answer
        case .ownPush: sort == .ownPush
        case .othersPush: sort == .othersPush
        case .pushFrom(let user): sort != .answer && sender.hasSameBytes(as: expected(index, user))
        case .equals, .contains: false
        }
    }

    private func expected(_ index: Int, _ user: CompiledTemplate) -> UnsafeRawBufferPointer {
        user.render(values(index), random: &accounts[index].random, scratch: scratch)
    }

    private mutating func keep(
        _ index: Int, _ sort: EarlyMessages.Sort, from sender: UnsafeRawBufferPointer, _ now: Int64
    ) {
        let account = accounts + index
        guard program.readsSenders, sort != .answer else { return account.pointee.openIM.early.add(sort) }
        if account.pointee.inbox == .none { account.pointee.inbox = buffers.borrow() }
        let inbox = Inbox(buffer: buffers[account.pointee.inbox])
        if !inbox.append(arrivedNs: now, text: sender) { unclaimed() }
    }

    /// Gives a `receive` that begins what came before it.
    mutating func takeEarly(_ index: Int, _ receive: Int, _ openIM: OpenIM) {
        switch program.receives[receive].match {
        case .any:
            takeEarly(index, .answer)
            takeEarly(index, .ownPush)
            takeEarly(index, .othersPush)
        case .ack: takeEarly(index, .answer)
        case .push:
            takeEarly(index, .ownPush)
            takeEarly(index, .othersPush)
        case .ownPush: takeEarly(index, .ownPush)
        case .othersPush: takeEarly(index, .othersPush)
        case .pushFrom, .equals, .contains: break
        }
        takeEarlyWithSenders(index, receive, openIM)
    }

    private func takeEarly(_ index: Int, _ sort: EarlyMessages.Sort) {
        let account = accounts + index
        account.pointee.wantedMessages -= account.pointee.openIM.early.take(
            sort, atMost: account.pointee.wantedMessages)
    }

    private mutating func takeEarlyWithSenders(_ index: Int, _ receive: Int, _ openIM: OpenIM) {
        let account = accounts + index
        guard account.pointee.inbox != .none else { return }
        let inbox = Inbox(buffer: buffers[account.pointee.inbox])
        while account.pointee.wantedMessages > 0 {
            let entry = inbox.first { sender in
                let isOwn = sender.hasSameBytes(as: userID(index, openIM))
                return wants(index, receive, isOwn ? .ownPush : .othersPush, from: sender)
            }
            guard let entry else { return }
            account.pointee.wantedMessages -= 1
            inbox.remove(1, of: entry)
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let mine = baseAddress, let theirs = other.baseAddress else { return true }
        return memcmp(mine, theirs, count) == 0
    }

    /// The number that these decimal digits say; nil when they are none, or too many.
    fileprivate var decimal: UInt32? {
        guard !isEmpty, count <= 10 else { return nil }
        var number: UInt64 = 0
        for byte in self {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return UInt32(exactly: number)
    }
}
