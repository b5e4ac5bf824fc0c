internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// PING and PONG, ours and the server's.
extension Shard {
    /// Which wait a PING belongs to; it is the first byte of its payload, so that each PONG finds its own.
    enum PingPurpose: UInt8 {
        case admission = 1
        case step
        case heartbeat
    }

    private static var pingBytes: Int { 8 }

    mutating func sendPing(_ index: Int, _ purpose: PingPurpose, _ now: Int64) {
        let nonce = accounts[index].random.next() << 8 | UInt64(purpose.rawValue)
        if purpose == .admission { accounts[index].admissionNonce = nonce }
        let result =
            openIM?.pointee.plan.ping == .text
            ? sendTextPing(index) : withUnsafeBytes(of: nonce.littleEndian) { sendFrame(index, .ping, $0) }
        if case .failed(let failure) = result { networkFailed(index, failure, now) }
    }

    mutating func receivedPong(_ index: Int, _ length: Int, _ now: Int64) {
        guard length == Self.pingBytes else {
            // OpenIM 3.5.1 answers every PING with an empty PONG.
            if length == 0, openIM != nil { receivedAnonymousPong(index, now) }
            return
        }
        let account = accounts + index
        outgoing.removeAll()
        outgoing.reserve(FrameWriter.maxControlPayloadBytes)
        _ = account.pointee.reader.copyControlPayload(to: outgoing.base)
        let nonce = UInt64(littleEndian: outgoing.base.loadUnaligned(as: UInt64.self))
        switch PingPurpose(rawValue: UInt8(truncatingIfNeeded: nonce)) {
        case .admission where nonce != account.pointee.admissionNonce: break
        case let purpose?: receivedPong(index, for: purpose, now)
        case nil: break
        }
    }

    /// The PONG belongs to the oldest PING that is still waited for: a server answers them in order.
    mutating func receivedAnonymousPong(_ index: Int, _ now: Int64) {
        let account = accounts + index
        if account.pointee.machine.state == .admitting { return receivedPong(index, for: .admission, now) }
        let isHeartbeat =
            account.pointee.isAwaitingHeartbeat
            && !(account.pointee.isAwaitingPong && account.pointee.pingSentNs < account.pointee.heartbeatSentNs)
        receivedPong(index, for: isHeartbeat ? .heartbeat : .step, now)
    }

    private mutating func receivedPong(_ index: Int, for purpose: PingPurpose, _ now: Int64) {
        let account = accounts + index
        switch purpose {
        case .admission:
            guard account.pointee.machine.state == .admitting, !account.pointee.openIM.awaitsFirstResponse,
                admits(index, with: .pong)
            else { return }
            admitted(index, now)
        case .step:
            guard account.pointee.isAwaitingPong, account.pointee.phase == .receiving else { return }
            account.pointee.isAwaitingPong = false
            recorder.record(.ping, ns: now - account.pointee.pingSentNs)
            passed[Int(Phase.receiving.rawValue)] += 1
            completeStep(index, dueNs: now, now)
        case .heartbeat:
            guard account.pointee.isAwaitingHeartbeat else { return }
            account.pointee.isAwaitingHeartbeat = false
            recorder.record(.ping, ns: now - account.pointee.heartbeatSentNs)
            scheduleHeartbeat(index, account.pointee.heartbeatSentNs, now)
        }
    }

    mutating func answerPing(_ index: Int, _ length: Int, _ now: Int64) {
        scratch.removeAll()
        scratch.reserve(FrameWriter.maxControlPayloadBytes)
        _ = accounts[index].reader.copyControlPayload(to: scratch.base)
        let payload = UnsafeRawBufferPointer(start: scratch.base, count: length)
        if case .failed(let failure) = sendFrame(index, .pong, payload) { networkFailed(index, failure, now) }
    }

    /// A heartbeat is due, or its PONG is overdue.
    mutating func heartbeatDue(_ index: Int, _ now: Int64) {
        let account = accounts + index
        guard account.pointee.machine.state == .open else { return }
        if account.pointee.isAwaitingHeartbeat {
            return fail(index, Outcome(.heartbeatTimeout), .timeout, now)
        }
        account.pointee.heartbeatSentNs = now
        if account.pointee.isReadingStopped {
            scheduleHeartbeat(index, now, now)
        } else {
            account.pointee.isAwaitingHeartbeat = true
            armHeartbeat(index, atNs: now &+ timeouts.ping)
        }
        sendPing(index, .heartbeat, now)
    }

    private mutating func scheduleHeartbeat(_ index: Int, _ lastNs: Int64, _ now: Int64) {
        guard let everyNs = program.connects[Int(accounts[index].connectIndex)].heartbeatNs else { return }
        armHeartbeat(index, atNs: max(lastNs &+ everyNs, now))
    }
}
