internal import Dialects
internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// What a client says in OpenIM: messages, other requests, and the logout.
extension Shard {
    typealias OpenIM = UnsafeMutablePointer<OpenIMClient>

    /// True when the message is wholly in the kernel, false when the account must wait or has failed.
    mutating func startMessage(
        _ index: Int, _ message: Program.CompiledMessage, to recipient: CompiledRecipient, _ openIM: OpenIM,
        _ now: Int64
    ) -> Bool {
        let account = accounts + index
        account.pointee.sequence &+= 1
        let values = values(index)
        let text = message.payload.render(values, random: &account.pointee.random, scratch: scratch)
        let receiver = recipient.render(
            values, random: &account.pointee.random, scratch: openIM.pointee.receiver)
        let sender = userID(index, openIM)
        let body = openIM.pointee.body(toGroup: recipient.isGroup, login: values.login)
        let data = body.pointee.render(
            sender: sender, receiver: receiver,
            clientMessageID: ClientMessageID(
                dueNs: account.pointee.stepDueNs, client: UInt32(truncatingIfNeeded: assignment.clientNumber(index)),
                sequence: account.pointee.sequence),
            text: text, createTimeMs: openIM.pointee.timeOfDayMs(now))
        let result = sendRequest(index, OpenIMOperation.sendMessage, data, from: sender, openIM)
        let times = OutstandingSends.Times(
            dueNs: account.pointee.stepDueNs, sentNs: now, number: account.pointee.openIM.requests)
        if !outstanding.push(times, account: index, &account.pointee) { account.pointee.openIM.untimedSends &+= 1 }
        return didSend(index, result, now)
    }

    /// Sends a request that is no message, and waits for its answer.
    mutating func startRequest(_ index: Int, _ call: Int, _ now: Int64) {
        let account = accounts + index
        guard let openIM, account.pointee.machine.state == .open else {
            return fail(index, Outcome(.notConnected), .ended, now)
        }
        let sender = userID(index, openIM)
        let (operation, body) = request(
            index, program.calls[call], user: String(decoding: sender, as: UTF8.self), openIM)
        account.pointee.stepStartNs = now
        account.pointee.enter(.receiving, atNs: now)
        arm(index, atNs: now &+ timeouts.receive)
        let result = body.withUnsafeBytes { sendRequest(index, operation, $0, from: sender, openIM) }
        account.pointee.openIM.awaitedRequest = account.pointee.openIM.requests
        if case .failed(let failure) = result { networkFailed(index, failure, now) }
    }

    /// Begins OpenIM's own way to end a session: the answer, and then the end of the TCP connection, are what the close frames are elsewhere.
    mutating func startLogout(_ index: Int, _ now: Int64) {
        let account = accounts + index
        guard let openIM, account.pointee.machine.state == .open else {
            return fail(index, Outcome(.notConnected), .ended, now)
        }
        account.pointee.machine.closeStarted(byPeer: false)
        account.pointee.stepStartNs = now
        account.pointee.enter(.closing, atNs: now)
        arm(index, atNs: now &+ timeouts.close)
        disarmHeartbeat(index)
        resumeReading(index)
        let login = values(index).login
        let sender = userID(index, openIM)
        let body = RequestBody.logout(
            user: String(decoding: sender, as: UTF8.self),
            platform: Int32(clamping: openIM.pointee.plan.platform(ofLogin: login)))
        let result = body.withUnsafeBytes { sendRequest(index, OpenIMOperation.logout, $0, from: sender, openIM) }
        account.pointee.openIM.awaitedRequest = account.pointee.openIM.requests
        if case .failed(let failure) = result { networkFailed(index, failure, now) }
    }

    /// The account's own user ID, valid until the next call.
    func userID(_ index: Int, _ openIM: OpenIM) -> UnsafeRawBufferPointer {
        openIM.pointee.userID.render(
            values(index), random: &accounts[index].random, scratch: openIM.pointee.sender)
    }

    /// The request takes the account's next number.
    private mutating func sendRequest(
        _ index: Int, _ operation: Int32, _ data: UnsafeRawBufferPointer, from sender: UnsafeRawBufferPointer,
        _ openIM: OpenIM
    ) -> SendResult {
        let account = accounts + index
        account.pointee.openIM.requests &+= 1
        openIM.pointee.name(request: account.pointee.openIM.requests, random: &account.pointee.random)
        let frame = openIM.pointee.codec.encode(
            OpenIMRequest(
                identifier: operation, sendID: sender, operationID: openIM.pointee.operationID.bytes,
                msgIncr: openIM.pointee.msgIncr.bytes, data: data))
        recorder.counters.pointee.messagesSent += 1
        return sendFrame(index, .binary, frame)
    }

    private func request(
        _ index: Int, _ call: Program.CompiledCall, user: String, _ openIM: OpenIM
    ) -> (operation: Int32, body: [UInt8]) {
        switch call {
        case .newestSequence:
            return (OpenIMOperation.newestSequence, RequestBody.newestSequence(user: user))
        case .pull(let other, let count):
            return (
                OpenIMOperation.pullMessages,
                RequestBody.pull(user: user, with: self.user(index, other, openIM), count: count)
            )
        case .background(let isBackground):
            return (OpenIMOperation.setBackground, RequestBody.background(user: user, isBackground: isBackground))
        case .subscribe(let other):
            return (OpenIMOperation.subscribeStatus, RequestBody.subscribe(to: [self.user(index, other, openIM)]))
        }
    }

    private func user(_ index: Int, _ other: CompiledRecipient, _ openIM: OpenIM) -> String {
        let id = other.render(values(index), random: &accounts[index].random, scratch: openIM.pointee.receiver)
        return String(decoding: id, as: UTF8.self)
    }
}
