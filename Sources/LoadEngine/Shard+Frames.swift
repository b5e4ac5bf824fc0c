internal import Glibc
internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// Frames and messages on an upgraded connection.
extension Shard {
    /// Reads frames until the input is used up or the connection is no longer the account's.
    mutating func receivedFrames(_ index: Int, _ input: UnsafeRawBufferPointer, from start: Int, _ now: Int64) {
        let account = accounts + index
        let connection = account.pointee.connection
        var offset = start
        while account.pointee.connection == connection, account.pointee.machine.exists {
            switch account.pointee.reader.next(input, at: &offset) {
            case .needMoreBytes:
                return
            case .messagePart(let opcode, let range, let isFirst, let isLast):
                receivedPart(
                    index, opcode, UnsafeRawBufferPointer(rebasing: input[range]), isFirst: isFirst, isLast: isLast,
                    now)
            case .ping(let length):
                answerPing(index, length, now)
            case .pong(let length):
                receivedPong(index, length, now)
            case .close(let code, _):
                receivedClose(index, code, now)
            case .violation(let violation):
                return violated(index, violation, now)
            }
        }
    }

    /// Only what will be looked at is put together; otherwise a message of any size is counted as it passes.
    private mutating func receivedPart(
        _ index: Int, _ opcode: Opcode, _ part: UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool, _ now: Int64
    ) {
        guard program.readsMessages || openIM != nil, !(isFirst && isLast) else {
            if isLast { receivedMessage(index, opcode, part, now) }
            return
        }
        if accounts[index].partial == .none { accounts[index].partial = buffers.borrow() }
        buffers[accounts[index].partial].append(part)
        guard isLast else { return }
        var whole = accounts[index].partial
        accounts[index].partial = .none
        receivedMessage(index, opcode, buffers[whole].bytes, now)
        buffers.giveBack(&whole)
    }

    private mutating func receivedMessage(
        _ index: Int, _ opcode: Opcode, _ text: UnsafeRawBufferPointer, _ now: Int64
    ) {
        if let openIM {
            return opcode == .text
                ? receivedText(index, text, openIM, now) : receivedFrame(index, text, openIM, now)
        }
        let account = accounts + index
        recorder.counters.pointee.messagesReceived += 1
        switch account.pointee.machine.state {
        case .admitting:
            if program.connects[Int(account.pointee.connectIndex)].admit == .message { return admitted(index, now) }
            keepForLater(index, text, now)
        case .open:
            guard account.pointee.phase == .receiving,
                case .receive(let receive) = program.instructions[Int(account.pointee.nextInstruction)],
                matches(index, receive, text)
            else { return keepForLater(index, text, now) }
            claim(index, arrivedNs: now)
            guard account.pointee.wantedMessages == 0 else { return }
            passed[Int(Phase.receiving.rawValue)] += 1
            completeStep(index, dueNs: now, now)
        case .none, .connecting, .securing, .handshaking, .closing:
            recorder.counters.pointee.messagesUnclaimed += 1
        }
    }

    private mutating func claim(_ index: Int, arrivedNs: Int64) {
        let account = accounts + index
        account.pointee.wantedMessages -= 1
        guard let times = outstanding.popFirst(account: index, &account.pointee) else { return }
        recorder.record(.reply, ns: arrivedNs - times.dueNs)
        recorder.record(.replyService, ns: arrivedNs - times.sentNs)
    }

    private func matches(_ index: Int, _ receive: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        switch program.receives[receive].match {
        case .any:
            return true
        case .ack, .push, .ownPush, .othersPush, .pushFrom:
            return false
        case .equals(let template):
            let expected = template.render(values(index), random: &accounts[index].random, scratch: scratch)
            return expected.count == text.count && expected.isPrefix(of: text, at: 0)
        case .contains(let template):
            let expected = template.render(values(index), random: &accounts[index].random, scratch: scratch)
            guard expected.count <= text.count else { return false }
            return (0...(text.count - expected.count)).contains { expected.isPrefix(of: text, at: $0) }
        }
    }

    private mutating func keepForLater(_ index: Int, _ text: UnsafeRawBufferPointer, _ now: Int64) {
        guard program.hasReceive else {
            recorder.counters.pointee.messagesUnclaimed += 1
            return
        }
        let account = accounts + index
        if account.pointee.inbox == .none { account.pointee.inbox = buffers.borrow() }
        let inbox = Inbox(buffer: buffers[account.pointee.inbox])
        if !program.readsMessages {
            inbox.append(arrivedNs: now)
        } else if !inbox.append(arrivedNs: now, text: text) {
            recorder.counters.pointee.messagesUnclaimed += 1
        }
    }

    /// Gives a `receive` that begins the messages that came before it.
    mutating func takeFromInbox(_ index: Int, _ receive: Int) {
        let account = accounts + index
        guard account.pointee.inbox != .none else { return }
        let inbox = Inbox(buffer: buffers[account.pointee.inbox])
        while account.pointee.wantedMessages > 0 {
            guard let entry = inbox.first(where: { matches(index, receive, $0) }) else { return }
            let taken = min(entry.count, Int(account.pointee.wantedMessages))
            for _ in 0..<taken { claim(index, arrivedNs: entry.arrivedNs) }
            inbox.remove(taken, of: entry)
        }
    }

    // MARK: Writing

    mutating func sendFrame(_ index: Int, _ opcode: Opcode, _ payload: UnsafeRawBufferPointer) -> SendResult {
        outgoing.removeAll()
        outgoing.reserve(FrameWriter.maxHeaderBytes + payload.count)
        let maskingKey = UInt32(truncatingIfNeeded: accounts[index].random.next())
        let length = FrameWriter.write(opcode, maskingKey: maskingKey, payload: payload, to: outgoing.base)
        return send(index, UnsafeRawBufferPointer(start: outgoing.base, count: length))
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes stand in `text` at `offset`; there must be as many.
    fileprivate func isPrefix(of text: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard !isEmpty, let mine = baseAddress, let theirs = text.baseAddress else { return isEmpty }
        return memcmp(mine, theirs + offset, count) == 0
    }
}
