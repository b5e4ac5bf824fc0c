internal import CLinux
internal import Glibc
internal import NIOCore

/// A TCP socket that listens, for threads that block on it (socket(7), tcp(7)).
struct ListeningSocket {
    let descriptor: CInt
    /// `127.0.0.1:41234`, `[::1]:41234`.
    let address: String
    let port: Int

    init(host: String, port: Int) throws(GatewayError) {
        let wanted = try ListenAddress.resolve(host: host, port: port)
        let text = ListenAddress.text(wanted)
        let descriptor = socket(wanted.protocol.rawValue, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw GatewayError(listeningOn: text, errno: errno) }
        var isOn: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout.size(ofValue: isOn)))
        let isBound = wanted.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0
        guard isBound, listen(descriptor, 4096) == 0, let bound = Self.localAddress(of: descriptor) else {
            let code = errno
            close(descriptor)
            throw GatewayError(listeningOn: text, errno: code)
        }
        self.descriptor = descriptor
        self.address = ListenAddress.text(bound)
        self.port = bound.port ?? 0
    }

    private static func localAddress(of descriptor: CInt) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout.size(ofValue: storage))
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        return withUnsafePointer(to: storage) { storage in
            switch CInt(storage.pointee.ss_family) {
            case AF_INET: storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            case AF_INET6: storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            default: nil
            }
        }
    }

    /// Sleeps until a connection is there, then takes it.
    ///
    /// Asks for a descriptor only once someone is waiting: at the limit, an accept that blocks would fail unasked.
    ///
    /// - Returns: the connection's descriptor, or the error's number.
    func accept() -> Accepted {
        while true {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, -1) > 0 || errno == EINTR else { return .failed(errno) }
            // Shut down for reading: `stop` was called.
            guard wanted.revents & Int16(POLLHUP) == 0 else { return .stopped }
            guard wanted.revents != 0 else { continue }
            let connection = clinux_accept(descriptor)
            if connection >= 0 { return .connection(connection) }
            switch errno {
            // The peer has gone again.
            case EINTR, ECONNABORTED, EAGAIN: continue
            case EINVAL: return .stopped
            default: return .failed(errno)
            }
        }
    }

    enum Accepted {
        case connection(CInt)
        case failed(CInt)
        case stopped
    }

    /// Ends the waiting of whoever accepts, and refuses new connections.
    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }
}
