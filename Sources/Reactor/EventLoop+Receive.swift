internal import Glibc

extension EventLoop {
    /// Stops receiving: bytes stay in the kernel until its buffers are full and the peer must wait.
    ///
    /// One `received` of bytes that came together with the end of a TLS handshake may still follow. A reset is
    /// reported at once, and what was unread is lost, as with any reader too slow; a FIN is reported after resuming,
    /// in its place behind the bytes.
    package func pauseReceiving(_ id: ConnectionID) {
        connection(id)?.pointee.flags.insert(.paused)
    }

    package func resumeReceiving(_ id: ConnectionID) {
        guard let slot = connection(id), slot.pointee.flags.contains(.paused),
            !slot.pointee.flags.contains(.abandoned)
        else { return }
        slot.pointee.flags.remove(.paused)
        if !slot.pointee.ready.isDisjoint(with: .input) { table.link(id.slot, to: ConnectionTable.later) }
    }

    /// Stops receiving for good: what comes is left unread, and of the connection only its end is reported, a FIN at
    /// once although bytes stand before it.
    package func abandonReceiving(_ id: ConnectionID) {
        guard let slot = connection(id) else { return }
        slot.pointee.flags.formUnion([.paused, .abandoned])
        if !slot.pointee.ready.isDisjoint(with: .input) { table.link(id.slot, to: ConnectionTable.later) }
    }

    /// Acts on an open connection: first what goes out, then what came in, one completion at a time.
    func advance(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        if slot.pointee.ready.contains(.decrypted) { return deliverDecrypted(index) }
        if slot.pointee.ready.contains(.writable), flushOutput(index) {
            if !slot.pointee.ready.isEmpty { table.linkFirst(index) }
            return Completion(.sent, table.id(index), owner: slot.pointee.owner)
        }
        if slot.pointee.flags.contains(.peerFinished) { return afterFinish(index) }
        if slot.pointee.flags.contains(.paused) { return whilePaused(index) }
        if slot.pointee.ready.isDisjoint(with: [.readable, .broken]) {
            if let failure = slot.pointee.deferredFailure {
                return fail(index, failure, errno: slot.pointee.deferredErrno)
            }
            return slot.pointee.ready.contains(.finished) ? finish(index) : nil
        }
        return slot.pointee.tls == nil ? receive(index) : receiveAndDecrypt(index)
    }

    private func receive(_ index: UInt32) -> Completion? {
        let count = takeBytes(index, into: receiveBuffer.base)
        guard count > 0 else { return endOfBytes(index, count) }
        state.pointee.receivedCount = count
        return Completion(.received, table.id(index), owner: table.slot(index).pointee.owner)
    }

    /// One recv(2) of at most `receiveCapacity` bytes; notes what that says about further ones.
    func takeBytes(_ index: UInt32, into buffer: UnsafeMutablePointer<UInt8>) -> Int {
        let slot = table.slot(index)
        var count: Int
        repeat {
            count = recv(slot.pointee.descriptor, buffer, receiveCapacity, 0)
        } while count < 0 && errno == EINTR
        guard count > 0 else { return count }
        slot.pointee.flags.remove(.unanswered)
        if count == receiveCapacity || slot.pointee.flags.contains(.urgent) {
            slot.pointee.ready.insert(.readable)
            table.link(index, to: ConnectionTable.later)
        } else {
            // A short receive has emptied the socket (epoll(7)). An end that was known before it comes next.
            slot.pointee.ready.remove(.readable)
            if !slot.pointee.ready.isDisjoint(with: [.finished, .broken]) || slot.pointee.deferredFailure != nil {
                table.linkFirst(index)
            }
        }
        return count
    }

    /// What a recv(2) that gave no bytes means; `count` is its result, and errno its error.
    func endOfBytes(_ index: UInt32, _ count: Int) -> Completion? {
        let error = errno
        let slot = table.slot(index)
        if let failure = slot.pointee.deferredFailure {
            return fail(index, failure, errno: slot.pointee.deferredErrno)
        }
        if count == 0 { return finish(index) }
        guard error == EAGAIN else { return fail(index, errno: error) }
        if slot.pointee.ready.contains(.broken), let error = takeSocketError(slot.pointee.descriptor) {
            return fail(index, errno: error)
        }
        slot.pointee.ready.subtract(.input)
        return nil
    }

    /// Reports the peer's FIN or close_notify.
    func finish(_ index: UInt32) -> Completion {
        let slot = table.slot(index)
        slot.pointee.flags.insert(.peerFinished)
        slot.pointee.ready.subtract([.readable, .finished])
        if slot.pointee.ready.contains(.broken) { table.linkFirst(index) }
        let truncated = slot.pointee.tls != nil && !slot.pointee.flags.contains(.closeNotified)
        return Completion(.finished, table.id(index), owner: slot.pointee.owner, truncated: truncated)
    }

    /// After the peer's FIN only an error can follow.
    ///
    /// EPOLLHUP without one says that both directions have ended.
    private func afterFinish(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        let wasBroken = slot.pointee.ready.contains(.broken)
        slot.pointee.ready.subtract(.input)
        if let failure = slot.pointee.deferredFailure {
            return fail(index, failure, errno: slot.pointee.deferredErrno)
        }
        guard wasBroken, let error = takeSocketError(slot.pointee.descriptor) else { return nil }
        return fail(index, errno: error)
    }

    private func whilePaused(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        if let failure = slot.pointee.deferredFailure {
            return fail(index, failure, errno: slot.pointee.deferredErrno)
        }
        if slot.pointee.ready.contains(.broken), let error = takeSocketError(slot.pointee.descriptor) {
            return fail(index, errno: error)
        }
        let showsEnd = slot.pointee.flags.contains(.abandoned) && slot.pointee.ready.contains(.finished)
        return showsEnd ? finish(index) : nil
    }
}
