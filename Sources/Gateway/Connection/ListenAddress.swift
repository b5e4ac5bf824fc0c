internal import NIOCore

/// Where to listen, and how addresses are written.
enum ListenAddress {
    /// `127.0.0.1:80`, `[::1]:80`.
    static func text(_ address: SocketAddress) -> String {
        text(host: address.ipAddress ?? "?", port: address.port ?? 0)
    }

    static func text(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Takes an IPv6 address with or without brackets.
    ///
    /// - Throws: ``GatewayError/hostNotFound(host:)``.
    static func resolve(host: String, port: Int) throws(GatewayError) -> SocketAddress {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
        let host = isBracketed ? String(host.dropFirst().dropLast()) : host
        do {
            return try SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw .hostNotFound(host: host)
        }
    }
}
