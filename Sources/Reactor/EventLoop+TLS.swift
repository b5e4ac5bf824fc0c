internal import COpenSSL
internal import Glibc

extension EventLoop {
    /// Acts on a connection in its TLS handshake.
    func advanceHandshake(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        if slot.pointee.ready.contains(.startTLS) {
            slot.pointee.ready.remove(.startTLS)
            if !slot.pointee.ready.isDisjoint(with: .input) { table.link(index, to: ConnectionTable.current) }
            return shakeHands(index)
        }
        if slot.pointee.ready.contains(.writable) { _ = flushOutput(index) }
        if slot.pointee.ready.isDisjoint(with: [.readable, .broken]) {
            if let failure = slot.pointee.deferredFailure {
                return fail(index, failure, errno: slot.pointee.deferredErrno)
            }
            return slot.pointee.ready.contains(.finished) ? failUnfinishedHandshake(index) : nil
        }
        let count = takeBytes(index, into: cipherBuffer.base)
        if count == 0, slot.pointee.deferredFailure == nil { return failUnfinishedHandshake(index) }
        guard count > 0 else { return endOfBytes(index, count) }
        channel.pointee.setInput(UnsafeRawBufferPointer(start: cipherBuffer.base, count: count))
        return shakeHands(index)
    }

    private func shakeHands(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        guard let pointer = slot.pointee.tls else { return nil }
        let session = TLSSession(pointer: pointer)
        let progress = session.shakeHands()
        switch progress {
        case .wantsInput:
            sendCipherText(index)
            return nil
        case .done:
            slot.pointee.state = .open
            // What came behind the handshake must leave the shared channel now; it is delivered behind `secured`.
            decrypt(index)
            sendCipherText(index)
            if state.pointee.receivedCount > 0 {
                state.pointee.decryptedCount = state.pointee.receivedCount
                state.pointee.receivedCount = 0
                slot.pointee.ready.insert(.decrypted)
                table.unlink(index)
                table.linkFirst(index)
            }
            return Completion(.secured, table.id(index), owner: slot.pointee.owner)
        case .closed:
            channel.pointee.clear()
            return failUnfinishedHandshake(index)
        case .failed(let failure, let detail):
            sendCipherText(index)  // the alert
            tlsDetail = detail
            return fail(index, failure)
        }
    }

    private func failUnfinishedHandshake(_ index: UInt32) -> Completion {
        tlsDetail = "the server closed the connection during the handshake"
        return fail(index, .tlsHandshake)
    }

    /// Plain text that `shakeHands` has left in the receive buffer.
    func deliverDecrypted(_ index: UInt32) -> Completion {
        let slot = table.slot(index)
        slot.pointee.ready.remove(.decrypted)
        state.pointee.receivedCount = state.pointee.decryptedCount
        if !slot.pointee.ready.isEmpty || slot.pointee.deferredFailure != nil { table.linkFirst(index) }
        return Completion(.received, table.id(index), owner: slot.pointee.owner)
    }

    func receiveAndDecrypt(_ index: UInt32) -> Completion? {
        let count = takeBytes(index, into: cipherBuffer.base)
        guard count > 0 else { return endOfBytes(index, count) }
        channel.pointee.setInput(UnsafeRawBufferPointer(start: cipherBuffer.base, count: count))
        decrypt(index)
        sendCipherText(index)
        guard state.pointee.receivedCount > 0 else { return nil }
        return Completion(.received, table.id(index), owner: table.slot(index).pointee.owner)
    }

    /// Turns the channel's input into plain text in the receive buffer.
    ///
    /// An end or a failure found behind it is left for the next look at the connection, which comes first.
    private func decrypt(_ index: UInt32) {
        let slot = table.slot(index)
        guard let pointer = slot.pointee.tls else { return }
        let capacity = receiveCapacity + TLSSession.maximumBufferedBytes
        let session = TLSSession(pointer: pointer)
        let progress = session.read(into: receiveBuffer.base, capacity: capacity, count: &state.pointee.receivedCount)
        switch progress {
        case .wantsInput, .done:
            return
        case .closed:
            slot.pointee.flags.insert(.closeNotified)
            slot.pointee.ready.insert(.finished)
        case .failed(let failure, let detail):
            tlsDetail = detail
            slot.pointee.deferredFailure = failure
            slot.pointee.ready.remove(.broken)
        }
        // Whatever follows in the socket is no part of the stream.
        slot.pointee.ready.remove(.readable)
        table.unlink(index)
        table.linkFirst(index)
    }

    /// `send` under TLS: one or more records, one system call.
    func encryptAndSend(_ index: UInt32, _ bytes: UnsafeRawBufferPointer) -> SendResult {
        guard let pointer = table.slot(index).pointee.tls else { return .failed(.notConnected) }
        let session = TLSSession(pointer: pointer)
        if case .failed(let failure, let detail) = session.write(bytes) {
            tlsDetail = detail
            channel.pointee.clear()
            release(index)
            return .failed(failure)
        }
        guard !sendCipherText(index) else { return .sent }
        table.slot(index).pointee.flags.insert(.owesSent)
        return .queued
    }

    /// Gathers the parts first: each of them alone would become a record of its own.
    func encryptAndSend(_ index: UInt32, _ vector: UnsafeBufferPointer<iovec>) -> SendResult {
        let gathered = state.pointee.outputQueues.borrow()
        defer { state.pointee.outputQueues.giveBack(gathered) }
        for part in vector {
            gathered.pointee.append(UnsafeRawBufferPointer(start: part.iov_base, count: part.iov_len))
        }
        guard !gathered.pointee.bytes.isEmpty else { return .sent }
        return encryptAndSend(index, gathered.pointee.bytes)
    }

    func notifyClose(_ index: UInt32) {
        guard let pointer = table.slot(index).pointee.tls else { return }
        TLSSession(pointer: pointer).close()
        sendCipherText(index)
    }

    /// Sends or queues what OpenSSL has written.
    ///
    /// True: all of it is in the kernel.
    @discardableResult
    private func sendCipherText(_ index: UInt32) -> Bool {
        let slot = table.slot(index)
        let bytes = UnsafeRawBufferPointer(start: channel.pointee.output, count: channel.pointee.outputCount)
        defer { channel.pointee.clear() }
        guard !bytes.isEmpty else { return slot.pointee.output == nil }
        guard slot.pointee.output == nil else {
            appendOutput(slot, bytes)
            return false
        }
        prepareToSend(slot)
        let sent = Glibc.send(slot.pointee.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if sent == bytes.count { return true }
        guard canContinue(index, after: sent) else { return false }
        appendOutput(slot, UnsafeRawBufferPointer(rebasing: bytes[max(sent, 0)...]))
        return false
    }
}
