/// The addresses at which a port is listened on.
///
/// A port alone does not tell whose a socket is: the same number may be the local port of a client at another address.
struct ListenAddresses {
    private var addresses: [TCPEndpoint] = []

    /// - Parameter sockets: those that do not listen on the port are passed over.
    init(_ sockets: some Sequence<TCPSocket>, port: Int) {
        for socket in sockets where socket.state == .listen && Int(socket.local.port) == port {
            addresses.append(socket.local)
        }
    }

    /// Whether a socket is at one of them, or any would do: to `0.0.0.0` and `::` all addresses belong.
    func cover(_ socket: TCPSocket) -> Bool {
        addresses.contains { address in
            guard address.port == socket.local.port else { return false }
            return address == socket.local || address.address == (0, 0, 0, 0)
        }
    }
}
