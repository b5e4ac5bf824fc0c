package import Glibc

extension EventLoop {
    /// After so many sends a connection gets TCP_NODELAY in any case, see `prepareToSend`.
    private static let sendsWithNagle: UInt8 = 4
    /// The most that one sendmsg(2) takes.
    private static let vectorLimit = 1024

    /// Sends bytes, which are copied where the kernel does not take them at once.
    ///
    /// Order is kept.
    ///
    /// There is no limit to what can be queued: stop at `queued` until `sent` comes. A connection that turns out to be lost still
    /// answers `queued`, delivers what the peer had sent before, and then fails: a close frame with the reason must not be missed.
    package func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer) -> SendResult {
        guard let slot = connectionForSending(id) else { return .failed(.notConnected) }
        guard slot.pointee.deferredFailure == nil else { return .queued }
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return .sent }
        if slot.pointee.tls != nil { return encryptAndSend(id.slot, bytes) }
        guard slot.pointee.output == nil else { return enqueue(slot, bytes) }
        prepareToSend(slot)
        let sent = Glibc.send(slot.pointee.descriptor, start, bytes.count, Int32(MSG_NOSIGNAL))
        if sent == bytes.count { return .sent }
        guard canContinue(id.slot, after: sent) else { return .queued }
        return enqueue(slot, UnsafeRawBufferPointer(rebasing: bytes[max(sent, 0)...]))
    }

    /// As `send` of the concatenated parts, with one system call.
    package func send(_ id: ConnectionID, vector: UnsafeBufferPointer<iovec>) -> SendResult {
        guard let slot = connectionForSending(id) else { return .failed(.notConnected) }
        guard slot.pointee.deferredFailure == nil else { return .queued }
        if slot.pointee.tls != nil { return encryptAndSend(id.slot, vector) }
        var rest = vector[...]
        while !rest.isEmpty, slot.pointee.output == nil {
            let part = UnsafeBufferPointer(rebasing: rest.prefix(Self.vectorLimit))
            rest = rest.dropFirst(Self.vectorLimit)
            let count = part.reduce(0) { $0 + $1.iov_len }
            guard count > 0 else { continue }
            prepareToSend(slot)
            var message = msghdr()
            message.msg_iov = UnsafeMutablePointer(mutating: part.baseAddress)
            message.msg_iovlen = part.count
            let sent = sendmsg(slot.pointee.descriptor, &message, Int32(MSG_NOSIGNAL))
            if sent == count { continue }
            guard canContinue(id.slot, after: sent) else { return .queued }
            enqueue(slot, part, skipping: max(sent, 0))
        }
        guard slot.pointee.output != nil else { return .sent }
        enqueue(slot, UnsafeBufferPointer(rebasing: rest), skipping: 0)
        return .queued
    }

    /// Bytes accepted by `send` that are not in the kernel yet; cipher text under TLS.
    package func queuedByteCount(_ id: ConnectionID) -> Int {
        connection(id)?.pointee.output?.pointee.bytes.count ?? 0
    }

    private func connectionForSending(_ id: ConnectionID) -> UnsafeMutablePointer<ConnectionSlot>? {
        guard let slot = connection(id), slot.pointee.state == .open else { return nil }
        return slot.pointee.flags.contains(.sendingFinished) ? nil : slot
    }

    /// Sets TCP_NODELAY when Nagle's algorithm (RFC 9293 §3.7.4) could begin to hold bytes back.
    ///
    /// That takes an earlier segment without acknowledgement. One that was followed by a receive counts as acknowledged; because
    /// the peer's bytes may have crossed it, this is relied on for the first few sends only. Short connections
    /// are spared the system call, long ones can never be delayed.
    func prepareToSend(_ slot: UnsafeMutablePointer<ConnectionSlot>) {
        if !slot.pointee.flags.contains(.noDelay) {
            if slot.pointee.flags.contains(.unanswered) || slot.pointee.sends >= Self.sendsWithNagle {
                var on: Int32 = 1
                _ = setsockopt(
                    slot.pointee.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                slot.pointee.flags.insert(.noDelay)
            } else {
                slot.pointee.sends += 1
            }
        }
        slot.pointee.flags.insert(.unanswered)
    }

    /// Judges a short send.
    ///
    /// False: the connection is lost, which is reported behind what the peer had sent before.
    func canContinue(_ index: UInt32, after sent: Int) -> Bool {
        guard sent < 0 else { return true }
        let errno = errno
        if errno == EAGAIN || errno == EINTR { return true }
        let slot = table.slot(index)
        slot.pointee.deferredFailure = NetworkFailure(errno: errno)
        slot.pointee.deferredErrno = errno
        slot.pointee.ready.insert(.readable)
        if let queue = slot.pointee.output {
            state.pointee.outputQueues.giveBack(queue)
            slot.pointee.output = nil
        }
        table.link(index, to: ConnectionTable.current)
        return false
    }

    @discardableResult
    func enqueue(_ slot: UnsafeMutablePointer<ConnectionSlot>, _ bytes: UnsafeRawBufferPointer) -> SendResult {
        slot.pointee.flags.insert(.owesSent)
        appendOutput(slot, bytes)
        return .queued
    }

    func appendOutput(_ slot: UnsafeMutablePointer<ConnectionSlot>, _ bytes: UnsafeRawBufferPointer) {
        let queue = slot.pointee.output ?? state.pointee.outputQueues.borrow()
        slot.pointee.output = queue
        queue.pointee.append(bytes)
    }

    private func enqueue(
        _ slot: UnsafeMutablePointer<ConnectionSlot>, _ vector: UnsafeBufferPointer<iovec>, skipping skipped: Int
    ) {
        var skipped = skipped
        for part in vector {
            let bytes = UnsafeRawBufferPointer(start: part.iov_base, count: part.iov_len)
            let gone = min(skipped, bytes.count)
            skipped -= gone
            enqueue(slot, UnsafeRawBufferPointer(rebasing: bytes[gone...]))
        }
    }

    /// Sends from the output queue as much as the kernel takes.
    ///
    /// True: `sent` is to be reported.
    func flushOutput(_ index: UInt32) -> Bool {
        let slot = table.slot(index)
        slot.pointee.ready.remove(.writable)
        guard let queue = slot.pointee.output else { return false }
        let bytes = queue.pointee.bytes
        prepareToSend(slot)
        let sent = Glibc.send(slot.pointee.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        guard canContinue(index, after: sent) else { return false }
        queue.pointee.removeFirst(max(sent, 0))
        guard queue.pointee.bytes.isEmpty else { return false }
        state.pointee.outputQueues.giveBack(queue)
        slot.pointee.output = nil
        if slot.pointee.flags.contains(.sendingFinished) { shutDownSending(slot.pointee.descriptor) }
        let owed = slot.pointee.flags.contains(.owesSent)
        slot.pointee.flags.remove(.owesSent)
        return owed
    }
}
