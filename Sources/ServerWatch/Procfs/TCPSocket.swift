internal import Glibc

/// One line of the kernel's table of TCP sockets.
struct TCPSocket: Equatable, Sendable {
    var state: TCPState
    var local: TCPEndpoint
    var remote: TCPEndpoint
    /// Of a listening socket the connections that wait to be accepted, else received bytes that wait to be read.
    var receiveQueue: UInt32
    /// Of a listening socket how many connections may wait (nil where not told), else bytes not yet acknowledged.
    var sendQueue: UInt32?
    var uid: UInt32
    /// 0 while no process has a descriptor of it: not accepted yet, or closed and lingering.
    var inode: UInt32
}

/// Address and port.
struct TCPEndpoint: Hashable, Sendable {
    /// In network order, the first four bytes for IPv4.
    var address: (UInt32, UInt32, UInt32, UInt32)
    var isIPv6: Bool
    var port: UInt16

    /// `127.0.0.1:80`, `[::1]:80`.
    var text: String {
        var address = address
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let length = socklen_t(text.count)
        guard inet_ntop(isIPv6 ? AF_INET6 : AF_INET, &address, &text, length) != nil else { return "?:\(port)" }
        let end = text.firstIndex(of: 0) ?? text.count
        let name = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isIPv6 ? "[\(name)]:\(port)" : "\(name):\(port)"
    }

    static func == (left: TCPEndpoint, right: TCPEndpoint) -> Bool {
        left.address == right.address && left.isIPv6 == right.isIPv6 && left.port == right.port
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(address.0)
        hasher.combine(address.3)
        hasher.combine(port)
    }
}

/// What tells a connection from all others of a network namespace.
struct TCPEndpointPair: Hashable {
    var local: TCPEndpoint
    var remote: TCPEndpoint
}
