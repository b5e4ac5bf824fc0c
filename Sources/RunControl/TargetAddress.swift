internal import Glibc
package import LoadPlan
internal import Reactor

/// Where the target is, in numbers: resolved once for the whole run, and found to accept connections.
package struct TargetAddress: Equatable, Sendable {
    /// `127.0.0.1:8080` or `[::1]:8080`.
    package var text: String
    package var port: Int
    package var isLoopback: Bool
    /// An address of this machine, loopback or other.
    package var isLocal: Bool
    package var isIPv6: Bool

    private static let probeTimeoutMs: Int32 = 3_000

    /// Resolves `target` and takes the first address that accepts a TCP connection, which is dropped at once.
    package init(reaching target: TargetURL) throws(TargetError) {
        let addresses: [SocketAddress]
        do {
            addresses = try Resolver.resolve(host: target.host, port: UInt16(clamping: target.port))
        } catch {
            throw .unresolvable("\(error)")
        }
        var refusals: [String] = []
        for address in addresses {
            guard let reason = Self.probe(address) else {
                self.init(address)
                return
            }
            refusals.append("\(address): \(reason)")
        }
        throw .unreachable(refusals)
    }

    private init(_ address: SocketAddress) {
        text = "\(address)"
        isIPv6 = address.family == AF_INET6
        port = Int(address.port)
        isLoopback = isIPv6 ? address.host == "::1" : address.host.hasPrefix("127.")
        isLocal = isLoopback || Self.isOfThisMachine(address)
    }

    /// Only an address of this machine can be bound.
    private static func isOfThisMachine(_ address: SocketAddress) -> Bool {
        let descriptor = socket(
            address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var anyPort = address
        anyPort.port = 0
        return anyPort.withSockaddr { bind(descriptor, $0, $1) } == 0
    }

    /// nil when the address accepts, otherwise why not.
    private static func probe(_ address: SocketAddress) -> String? {
        let descriptor = socket(
            address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        let status = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        if status == 0 { return nil }
        guard errno == EINPROGRESS else { return String(cString: strerror(errno)) }
        var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&writable, 1, probeTimeoutMs) == 1 else { return "no answer within \(probeTimeoutMs / 1000) s" }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
        // Reset right after the handshake: somebody accepts there, and what becomes of it is the run's to measure.
        return failure == 0 || failure == ECONNRESET ? nil : String(cString: strerror(failure))
    }
}

/// The target cannot be reached at all: exit status 4.
package enum TargetError: Error, CustomStringConvertible {
    case unresolvable(String)
    /// Each address with its reason.
    case unreachable([String])

    package var description: String {
        switch self {
        case .unresolvable(let reason): reason
        case .unreachable(let reasons): "the target accepts no connection: " + reasons.joined(separator: "; ")
        }
    }
}
