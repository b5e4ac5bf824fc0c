internal import Glibc

/// A name that could not be turned into an address.
package struct ResolveError: Error, Equatable, CustomStringConvertible {
    package let host: String
    /// In plain words, from gai_strerror(3).
    package let reason: String

    package var description: String { "\(host) does not resolve: \(reason)" }
}

/// Turns names into addresses through the C library, as every other program on the machine does.
package enum Resolver {
    /// The addresses of `host`, a name or a numeric address with or without brackets, in the order the system
    /// prefers, each once and never none.
    ///
    /// Blocks as long as the system's resolver does.
    package static func resolve(host: String, port: UInt16) throws(ResolveError) -> [SocketAddress] {
        var name = host
        if name.first == "[", name.last == "]" { name = String(name.dropFirst().dropLast()) }
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw ResolveError(host: host, reason: "that is no host name")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, String(port), &hints, &list)
        guard status == 0 else {
            let reason = status == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(status))
            throw ResolveError(host: host, reason: reason)
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let raw = current.pointee.ai_addr,
                let address = SocketAddress(raw, length: current.pointee.ai_addrlen), !addresses.contains(address)
            {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw ResolveError(host: host, reason: "it has no IPv4 or IPv6 address") }
        return addresses
    }
}
