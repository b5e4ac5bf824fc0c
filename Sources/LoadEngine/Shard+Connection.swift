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
        let request = connect.request.render(
            values(index), key: key, random: &account.pointee.random, scratch: scratch, into: outgoing)
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

    private mutating func keepPartial(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
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
        account.pointee.machine.upgraded(needsAdmission: connect.admit != .none)
        let connection = account.pointee.connection
        // The head's buffer is kept until the frames behind it are read.
        var headBuffer = account.pointee.partial
        account.pointee.partial = .none
        if connect.admit == .none {
            opened(index, connect, now)
        } else {
            account.pointee.enter(.admitting, atNs: now)
            arm(index, atNs: now &+ timeouts.admission)
            if connect.admit == .pong { sendPing(index, .admission, now) }
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

    // MARK: Refusals

    /// The answer is not 101. Its body is collected when the report has room for an example of this status.
    private mutating func refused(
        _ index: Int, _ head: UnsafeRawBufferPointer, status: Int, headBytes: Int, bodyBytes: Int?, _ now: Int64
    ) {
        guard examples.wantsRefusal(status: status),
            !examples.refusalIsComplete(head, headBytes: headBytes, bodyBytes: bodyBytes)
        else {
            examples.addRefusal(status: status, response: head, headBytes: headBytes, bodyBytes: bodyBytes)
            return fail(index, Outcome(.handshakeRejected, code: status), .refused, now)
        }
        accounts[index].isCollectingRefusal = true
        keepPartial(index, head)
    }

    /// The body of a refusal is complete, long enough, or will not come.
    mutating func refusalComplete(_ index: Int, _ now: Int64) {
        let account = accounts + index
        account.pointee.isCollectingRefusal = false
        let response = buffers[account.pointee.partial].bytes
        let connect = program.connects[Int(account.pointee.connectIndex)]
        guard
            case .rejected(let status, let headBytes, let bodyBytes) = UpgradeResponse.parse(
                response, key: account.pointee.key, offer: connect.request.offer)
        else { return fail(index, Outcome(.handshakeInvalid), .failure, now) }
        examples.addRefusal(status: status, response: response, headBytes: headBytes, bodyBytes: bodyBytes)
        fail(index, Outcome(.handshakeRejected, code: status), .refused, now)
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
            fail(index, Outcome(.connectionEnded), .ended, now)
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
        case .closing where account.pointee.closing.isComplete:
            // Both close frames are seen; a reset instead of a FIN loses nothing.
            closingConnectionEnded(index, now)
        case .none, .admitting, .open, .closing:
            fail(index, Outcome(.connectionReset), .failure, now)
        }
    }
}

extension Outcome {
    /// The outcome of a TCP connect or TLS handshake that failed so.
    init(connecting failure: NetworkFailure, isSecure: Bool) {
        switch failure {
        // The peer had accepted (a SYN is not reset but refused) and has cut the connection before we looked at it again.
        case .reset, .brokenPipe: self.init(isSecure ? .tlsFailed : .handshakeLost)
        case .refused: self.init(.refused)
        case .timedOut: self.init(.connectTimeout)
        case .unreachable: self.init(.unreachable)
        case .noLocalPort, .addressInUse: self.init(.noLocalPort)
        case .noDescriptors, .noSystemDescriptors: self.init(.noDescriptors)
        case .noBuffers, .noEventWatches: self.init(.noBuffers)
        case .denied: self.init(.networkDenied)
        case .tlsCertificate: self.init(.tlsCertificate)
        case .tlsHandshake, .tlsProtocol: self.init(.tlsFailed)
        case .sourceNotLocal, .loopFull, .familyUnsupported, .notConnected, .other:
            self.init(.connectFailed)
        }
    }
}
