internal import Glibc

extension EventLoop {
    /// Reports `readable` in every turn in which a foreign descriptor (pipe, signalfd, pidfd …) has something to read
    /// or is at its end.
    ///
    /// Reading and closing it stay with its owner, who must `unwatch` before closing.
    package func watch(descriptor: Int32, owner: UInt32) throws(ReactorError) -> ConnectionID {
        guard let index = table.allocate(descriptor: descriptor, owner: owner, state: .watched) else { throw .loopFull }
        let id = table.id(index)
        let errno = epoll.addWatch(descriptor, id: id)
        guard errno == 0 else {
            table.release(index)
            throw errno == EPERM ? .unwatchable(descriptor: descriptor) : .system(call: "epoll_ctl", errno: errno)
        }
        return id
    }

    /// Ends a watch; the descriptor stays open.
    package func unwatch(_ id: ConnectionID) {
        guard let slot = table.find(id), slot.pointee.state == .watched else { return }
        release(id.slot)
    }
}
