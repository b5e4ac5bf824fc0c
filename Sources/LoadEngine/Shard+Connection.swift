internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// From `connect` to admission.
extension Shard {
    mutating func handle(_ completion: Completion) {
        guard completion.owner != Self.controlOwner else { return obeyControl() }
        let index = Int(completion.owner)
        let now = loop.refreshNow()
        guard accounts[index].connection == completion.connection else {
            return completedAbandoned(index, completion, now)
        }
        switch completion.kind {
        case .connected: connected(index, now)
        case .secured: secured(index, now)
        case .received: received(index, now)
        case .sent: queuedBytesSent(index, now)
        case .finished: peerFinished(index, now)
        case .failed: networkFailed(index, completion.failure, now)
        case .readable: break
        }
    }

    mutating func startConnect(_ index: Int, _ connect: Int, _ now: Int64) {
        let account = accounts + index
        account.pointee.connectIndex = UInt16(connect)
        account.pointee.reader = FrameReader(maxMessageBytes: assignment.plan.maxMessageBytes)
        account.pointee.closing = ClosingHandshake()
        account.pointee.machine.ask()
        account.pointee.enter(.connecting, atNs: now)
        account.pointee.stepStartNs = now
        recorder.counters.pointee.asked += 1
        let source =
            sources.isEmpty
            ? nil : sources[(assignment.clientNumber(index) &+ Int(account.pointee.iterations)) % sources.count]
        switch loop.connect(to: address, from: source, tls: tls, owner: UInt32(index)) {
        case .pending(let connection):
            account.pointee.connection = connection
            arm(index, atNs: now &+ timeouts.connect)
        case .failed(let failure, _):
            networkFailed(index, failure, now)
        }
    }

    private mutating func connected(_ index: Int, _ now: Int64) {
        let account = accounts + index
        recorder.record(.connect, ns: now - account.pointee.stepStartNs)
        passed[Int(Phase.connecting.rawValue)] += 1
        account.pointee.machine.connected(isSecure: tls != nil)
        guard tls == nil else {
            account.pointee.stepStartNs = now
            account.pointee.enter(.securing, atNs: now)
            return arm(index, atNs: now &+ timeouts.tls)
        }
        sendUpgrade(index, now)
    }

    private mutating func secured(_ index: Int, _ now: Int64) {
        let account = accounts + index
        recorder.record(.tls, ns: now - account.pointee.stepStartNs)
        passed[Int(Phase.securing.rawValue)] += 1
        account.pointee.machine.secured()
        sendUpgrade(index, now)
    }

    private mutating func sendUpgrade(_ index: Int, _ now: Int64) {
        let account = accounts + index
        account.pointee.stepStartNs = now
        account.pointee.enter(.handshaking, atNs: now)
        arm(index, atNs: now &+ timeouts.handshake)
        let key = HandshakeKey(random: (account.pointee.random.next(), account.pointee.random.next()))
        account.pointee.key = key
        let connect = program.connects[Int(account.pointee.connectIndex)]
        var values = values(index)
        if let openIM {
            values.token = openIM.pointee.tokens[index]
            values.platform = openIM.pointee.plan.platform(ofLogin: values.login)
        }
        let request = connect.request.render(
            values, key: key, random: &account.pointee.random, scratch: scratch, into: outgoing)
        if case .failed(let failure) = send(index, request) { networkFailed(index, failure, now) }
    }

    private mutating func received(_ index: Int, _ now: Int64) {
        recorder.counters.pointee.bytesReceived += loop.received.count
        switch accounts[index].machine.state {
        case .handshaking: receivedHead(index, loop.received, now)
        case .admitting, .open, .closing: receivedFrames(index, loop.received, from: 0, now)
        case .none, .connecting, .securing: break
        }
    }

    /// Bytes of the response head; a head in one piece, the usual case, is parsed where it lies.
    private mutating func receivedHead(_ index: Int, _ input: UnsafeRawBufferPointer, _ now: Int64) {
        let account = accounts + index
        guard account.pointee.partial == .none else {
            buffers[account.pointee.partial].append(input)
            return parseHead(index, buffers[account.pointee.partial].bytes, now)
        }
        parseHead(index, input, now)
    }

    private mutating func parseHead(_ index: Int, _ head: UnsafeRawBufferPointer, _ now: Int64) {
        let account = accounts + index
        let connect = program.connects[Int(account.pointee.connectIndex)]
        switch UpgradeResponse.parse(head, key: account.pointee.key, offer: connect.request.offer) {
        case .incomplete:
            keepPartial(index, head)
        case .accepted(let headBytes, _):
            upgraded(index, head, behind: headBytes, connect, now)
        case .rejected(let status, let headBytes, let bodyBytes):
            refused(index, head, status: status, headBytes: headBytes, bodyBytes: bodyBytes, now)
        case .invalid(let violation):
            examples.add(violation: "\(violation.slug): \(violation)")
            fail(index, Outcome(.handshakeInvalid), .failure, now)
        }
    }

    mutating func keepPartial(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
        guard accounts[index].partial == .none else { return }
        let handle = buffers.borrow()
        buffers[handle].append(bytes)
        accounts[index].partial = handle
    }

    private mutating func upgraded(
        _ index: Int, _ head: UnsafeRawBufferPointer, behind headBytes: Int, _ connect: Program.CompiledConnect,
        _ now: Int64
    ) {
        let account = accounts + index
        recorder.record(.handshake, ns: now - account.pointee.stepStartNs)
        passed[Int(Phase.handshaking.rawValue)] += 1
        account.pointee.stepStartNs = now
        account.pointee.sessionStartNs = now
        let isAnnounced = openIM?.pointee.plan.firstResponse ?? false
        account.pointee.openIM.awaitsFirstResponse = isAnnounced
        account.pointee.machine.upgraded(needsAdmission: connect.admit != .none || isAnnounced)
        let connection = account.pointee.connection
        // The head's buffer is kept until the frames behind it are read.
        var headBuffer = account.pointee.partial
        account.pointee.partial = .none
        if account.pointee.machine.state == .open {
            opened(index, connect, now)
        } else {
            account.pointee.enter(.admitting, atNs: now)
            arm(index, atNs: now &+ timeouts.admission)
            if connect.admit == .pong, !isAnnounced { sendPing(index, .admission, now) }
        }
        if headBytes < head.count, account.pointee.connection == connection, account.pointee.machine.exists {
            receivedFrames(index, head, from: headBytes, now)
        }
        buffers.giveBack(&headBuffer)
    }

    /// The server has answered on the new connection.
    mutating func admitted(_ index: Int, _ now: Int64) {
        let account = accounts + index
        recorder.record(.admission, ns: now - account.pointee.stepStartNs)
        passed[Int(Phase.admitting.rawValue)] += 1
        account.pointee.machine.admitted()
        opened(index, program.connects[Int(account.pointee.connectIndex)], now)
    }

    private mutating func opened(_ index: Int, _ connect: Program.CompiledConnect, _ now: Int64) {
        recorder.counters.pointee.opened += 1
        if let heartbeatNs = connect.heartbeatNs { armHeartbeat(index, atNs: now &+ heartbeatNs) }
        if stop.isClosing { return interrupt(index, now) }
        completeStep(index, dueNs: now, now)
    }

    // MARK: Transport

    /// Every byte for the peer goes through here.
    mutating func send(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> SendResult {
        recorder.counters.pointee.bytesSent += bytes.count
        return loop.send(accounts[index].connection, bytes)
    }

    private mutating func queuedBytesSent(_ index: Int, _ now: Int64) {
        guard accounts[index].phase == .sending else { return }
        completeStep(index, dueNs: now, now)
    }

    /// FIN from the peer.
    private mutating func peerFinished(_ index: Int, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.machine.state {
        case .handshaking:
            if account.pointee.isCollectingRefusal { return refusalComplete(index, now) }
            fail(index, Outcome(.handshakeLost), .failure, now)
        case .closing:
            closingConnectionEnded(index, now)
        case .none, .connecting, .securing, .admitting, .open:
            fail(index, outcome(ofEnd: .connectionEnded, index), .ended, now)
        }
    }

    /// The transport failed: the connection no longer exists.
    mutating func networkFailed(_ index: Int, _ failure: NetworkFailure, _ now: Int64) {
        let account = accounts + index
        switch account.pointee.machine.state {
        case .connecting, .securing:
            if tls != nil, !loop.tlsDetail.isEmpty { examples.add(violation: "\(failure.slug): \(loop.tlsDetail)") }
            fail(
                index, Outcome(connecting: failure, isSecure: tls != nil),
                failure == .refused ? .refused : failure == .timedOut ? .timeout : .failure, now)
        case .handshaking:
            if account.pointee.isCollectingRefusal { return refusalComplete(index, now) }
            fail(index, Outcome(.handshakeLost), .failure, now)
        case .closing where account.pointee.machine.isCloseAnswered:
            // Close and answer are seen; a reset instead of a FIN loses nothing.
            closingConnectionEnded(index, now)
        case .none, .admitting, .open, .closing:
            fail(index, outcome(ofEnd: .connectionReset, index), .failure, now)
        }
    }
}
