internal import Glibc

/// Why a connection could not be made or was lost.
///
/// A closed set: each case keeps its slug.
package enum NetworkFailure: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    /// ECONNREFUSED
    case refused
    /// ETIMEDOUT
    case timedOut
    /// ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN
    case unreachable
    /// EADDRNOTAVAIL from connect(2)
    case noLocalPort
    /// EADDRNOTAVAIL from bind(2)
    case sourceNotLocal
    /// EADDRINUSE
    case addressInUse
    /// EMFILE
    case noDescriptors
    /// ENFILE
    case noSystemDescriptors
    /// ENOBUFS, ENOMEM
    case noBuffers
    /// ENOSPC from epoll_ctl(2)
    case noEventWatches
    /// The loop holds as many connections as it was made for.
    case loopFull
    /// ECONNRESET, ECONNABORTED
    case reset
    /// EPIPE
    case brokenPipe
    /// EACCES, EPERM
    case denied
    /// EAFNOSUPPORT, EPROTONOSUPPORT
    case familyUnsupported
    /// The server's certificate was not accepted: `EventLoop.tlsDetail` has the verdict.
    case tlsCertificate
    /// Any other failure before the TLS handshake was done.
    case tlsHandshake
    /// A fatal alert, or bytes that are no valid record, after the TLS handshake.
    case tlsProtocol
    /// The call named a connection that is gone or not established.
    case notConnected
    case other

    /// The failure behind a system error number, as in errno(3).
    package init(errno: Int32) {
        switch errno {
        case ECONNREFUSED: self = .refused
        case ETIMEDOUT: self = .timedOut
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN: self = .unreachable
        case EADDRNOTAVAIL: self = .noLocalPort
        case EADDRINUSE: self = .addressInUse
        case EMFILE: self = .noDescriptors
        case ENFILE: self = .noSystemDescriptors
        case ENOBUFS, ENOMEM: self = .noBuffers
        case ENOSPC: self = .noEventWatches
        case ECONNRESET, ECONNABORTED: self = .reset
        case EPIPE: self = .brokenPipe
        case EACCES, EPERM: self = .denied
        case EAFNOSUPPORT, EPROTONOSUPPORT: self = .familyUnsupported
        case ENOTCONN: self = .notConnected
        default: self = .other
        }
    }
}

extension NetworkFailure: CustomStringConvertible {
    /// The key in JSON documents and metric labels.
    package var slug: String {
        switch self {
        case .refused: "refused"
        case .timedOut: "timed_out"
        case .unreachable: "unreachable"
        case .noLocalPort: "no_local_port"
        case .sourceNotLocal: "source_not_local"
        case .addressInUse: "address_in_use"
        case .noDescriptors: "no_descriptors"
        case .noSystemDescriptors: "no_system_descriptors"
        case .noBuffers: "no_buffers"
        case .noEventWatches: "no_event_watches"
        case .loopFull: "loop_full"
        case .reset: "reset"
        case .brokenPipe: "broken_pipe"
        case .denied: "denied"
        case .familyUnsupported: "family_unsupported"
        case .tlsCertificate: "tls_certificate"
        case .tlsHandshake: "tls_handshake"
        case .tlsProtocol: "tls_protocol"
        case .notConnected: "not_connected"
        case .other: "other"
        }
    }

    /// What happened, and what to do about it where something can be done.
    package var description: String {
        switch self {
        case .refused: "connection refused: nothing listens on that port, or its backlog is full and set to refuse"
        case .timedOut: "the server did not answer for so long that the kernel gave up"
        case .unreachable: "no route to the server"
        case .noLocalPort:
            "no free local port: add source addresses, widen net.ipv4.ip_local_port_range, or lower the connection rate"
        case .sourceNotLocal: "the source address does not belong to this machine"
        case .addressInUse: "the local address is in use"
        case .noDescriptors: "this process has no file descriptor left: raise its limit (ulimit -n), or use more shards"
        case .noSystemDescriptors: "the machine has no file descriptor left: raise fs.file-max"
        case .noBuffers:
            "the kernel has no memory for sockets: see net.ipv4.tcp_mem and the memory limit of the control group"
        case .noEventWatches: "too many watched descriptors for this user: raise fs.epoll.max_user_watches"
        case .loopFull: "more connections at once than this event loop was made for"
        case .reset: "the peer reset the connection"
        case .brokenPipe: "the peer had closed the connection when bytes were sent"
        case .denied: "the system forbids it: a firewall rule, a security module, or a reserved address"
        case .familyUnsupported: "this machine does not speak that address family (is IPv6 disabled?)"
        case .tlsCertificate: "the server's certificate was not accepted"
        case .tlsHandshake: "the TLS handshake failed"
        case .tlsProtocol: "the TLS connection broke after its handshake"
        case .notConnected: "the connection is not established"
        case .other: "the system reported an unexpected error"
        }
    }
}
