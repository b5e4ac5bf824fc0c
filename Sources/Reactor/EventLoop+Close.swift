internal import COpenSSL
internal import Glibc

extension EventLoop {
    /// Ends the connection at once, in any state; what is still queued is dropped.
    ///
    /// Under TLS a close_notify is tried first.
    ///
    /// The kernel sends a FIN, or a RST if bytes from the peer are still unread (RFC 2525 §2.17).
    package func close(_ id: ConnectionID) {
        guard let slot = connection(id) else { return }
        if slot.pointee.tls != nil, slot.pointee.state == .open, slot.pointee.output == nil,
            slot.pointee.deferredFailure == nil, !slot.pointee.flags.contains(.sendingFinished)
        {
            notifyClose(id.slot)
        }
        release(id.slot)
    }

    /// Ends the connection with a RST (SO_LINGER with a time of 0).
    package func reset(_ id: ConnectionID) {
        guard let slot = connection(id) else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(
            slot.pointee.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        release(id.slot)
    }

    /// Sends a FIN behind everything queued, under TLS a close_notify before it.
    ///
    /// Receiving goes on.
    package func finishSending(_ id: ConnectionID) {
        guard let slot = connection(id), slot.pointee.state == .open,
            slot.pointee.flags.isDisjoint(with: .sendingFinished)
        else { return }
        slot.pointee.flags.insert(.sendingFinished)
        if slot.pointee.tls != nil { notifyClose(id.slot) }
        if slot.pointee.output == nil { shutDownSending(slot.pointee.descriptor) }
    }

    func shutDownSending(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The slot of a connection, as opposed to a watch.
    func connection(_ id: ConnectionID) -> UnsafeMutablePointer<ConnectionSlot>? {
        guard let slot = table.find(id), slot.pointee.state != .watched else { return nil }
        return slot
    }

    /// Closes the descriptor and says why, as the connection's last completion.
    func fail(_ index: UInt32, errno: Int32) -> Completion {
        fail(index, NetworkFailure(errno: errno), errno: errno)
    }

    func fail(_ index: UInt32, _ failure: NetworkFailure, errno: Int32 = 0) -> Completion {
        let completion = Completion(
            .failed, table.id(index), owner: table.slot(index).pointee.owner, failure: failure, errno: errno)
        release(index)
        return completion
    }

    /// Gives everything back that a slot holds.
    ///
    /// The descriptor of a watch stays open: it is not ours.
    func release(_ index: UInt32) {
        let slot = table.slot(index)
        if let session = slot.pointee.tls { SSL_free(session) }
        if let queue = slot.pointee.output { state.pointee.outputQueues.giveBack(queue) }
        if slot.pointee.state == .watched {
            epoll.remove(slot.pointee.descriptor)
        } else {
            _ = Glibc.close(slot.pointee.descriptor)
        }
        table.release(index)
    }
}
