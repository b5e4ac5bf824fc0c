internal import COpenSSL
internal import Glibc

extension EventLoop {
    /// Begins a TCP connection, and with `tls` a TLS handshake as soon as that stands.
    /// - Parameter source: the local address; its port is 0 for a free one. Nil leaves the choice to the system.
    /// - Parameter owner: comes back in every completion of the connection.
    package func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, tls: TLSContext? = nil, owner: UInt32
    ) -> ConnectResult {
        // Before the peer gets to see a connection that would be dropped at once.
        guard table.hasRoom else { return .failed(.loopFull, errno: 0) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return .failed(NetworkFailure(errno: errno), errno: errno) }
        if let source, let errno = bind(descriptor, to: source) {
            _ = Glibc.close(descriptor)
            return .failed(errno == EADDRNOTAVAIL ? .sourceNotLocal : NetworkFailure(errno: errno), errno: errno)
        }
        let status = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        if status != 0, errno != EINPROGRESS {
            let errno = errno
            _ = Glibc.close(descriptor)
            return .failed(NetworkFailure(errno: errno), errno: errno)
        }
        guard let index = table.allocate(descriptor: descriptor, owner: owner, state: .connecting) else {
            _ = Glibc.close(descriptor)
            return .failed(.loopFull, errno: 0)
        }
        // Not before connect(2): a fresh socket reports EPOLLHUP. What has happened since is reported on registration.
        let errno = epoll.addConnection(descriptor, id: table.id(index))
        guard errno == 0 else {
            release(index)
            return .failed(NetworkFailure(errno: errno), errno: errno)
        }
        if let tls {
            guard let session = tls.makeSession(over: channel) else {
                release(index)
                return .failed(.noBuffers, errno: ENOMEM)
            }
            table.slot(index).pointee.tls = session
        }
        return .pending(table.id(index))
    }

    /// Returns the error number, or nil.
    private func bind(_ descriptor: Int32, to source: SocketAddress) -> Int32? {
        if source.port == 0 {
            // Leaves the choice of a port to connect(2), which knows the peer: each peer can then have all ports.
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            guard setsockopt(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, size) == 0 else {
                return errno
            }
        }
        return source.withSockaddr { Glibc.bind(descriptor, $0, $1) } == 0 ? nil : errno
    }

    func completeConnect(_ index: UInt32) -> Completion? {
        let slot = table.slot(index)
        if slot.pointee.ready.contains(.broken) {
            return fail(index, errno: takeSocketError(slot.pointee.descriptor) ?? ECONNRESET)
        }
        guard slot.pointee.ready.contains(.writable) else { return nil }
        slot.pointee.ready.remove(.writable)
        if slot.pointee.tls != nil {
            slot.pointee.state = .securing
            slot.pointee.ready.insert(.startTLS)
        } else {
            slot.pointee.state = .open
        }
        if !slot.pointee.ready.isEmpty { table.linkFirst(index) }
        return Completion(.connected, table.id(index), owner: slot.pointee.owner)
    }

    /// The pending error of a socket, which this takes away; nil if there is none.
    func takeSocketError(_ descriptor: Int32) -> Int32? {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 else { return errno }
        return error == 0 ? nil : error
    }
}
