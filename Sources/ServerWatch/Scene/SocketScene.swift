/// The TCP sockets on the ports at which the load arrives.
struct SocketScene {
    private static let mostLines = 20_000

    struct Owner: Equatable, Sendable {
        var pid: Int32
        var descriptor: Int32
    }

    let ports: [Int]
    private let sockets: [Int: [TCPSocket]]
    private let owners: [UInt32: Owner]

    /// - Parameter sockets: of every state; those on other ports, or of clients that have such a port, are passed over.
    init(_ sockets: [TCPSocket], ports: Set<Int>, owners: [UInt32: Owner]) {
        self.ports = ports.sorted()
        self.owners = owners
        let addresses = ports.map { ListenAddresses(sockets, port: $0) }
        let served = sockets.filter { socket in
            guard ports.contains(Int(socket.local.port)) else { return false }
            return owners[socket.inode] != nil || addresses.contains { $0.cover(socket) }
        }
        self.sockets = Dictionary(grouping: served) { Int($0.local.port) }
    }

    private func count(_ sockets: [TCPSocket], _ state: TCPState) -> Int {
        sockets.count { $0.state == state }
    }

    var text: String {
        var text = ""
        for port in ports {
            let sockets = sockets[port] ?? []
            text += "Port \(port): \(sockets.count) sockets\n"
            for state in TCPState.allCases {
                let count = count(sockets, state)
                if count > 0 { text += "  \(count)  \(state.name)\n" }
            }
            for socket in sockets where socket.state == .listen {
                let limit = socket.sendQueue.map { " of \($0)" } ?? ""
                text += "  accept queue of \(socket.local.text): \(socket.receiveQueue)\(limit)\n"
            }
            let unaccepted = Self.unaccepted(sockets)
            if unaccepted > 0 { text += "  \(unaccepted) connections that no process has accepted\n" }
        }
        text += "\nstate local remote receive-queue send-queue uid inode owner(pid/descriptor)\n"
        var lines = 0
        for port in ports {
            let sorted = (sockets[port] ?? []).sorted { ($0.state, $0.remote.port) < ($1.state, $1.remote.port) }
            for socket in sorted where socket.state != .timeWait {
                guard lines < Self.mostLines else { return text + "… and more\n" }
                lines += 1
                let owner = owners[socket.inode].map { "\($0.pid)/\($0.descriptor)" } ?? "-"
                let queues = "\(socket.receiveQueue) \(socket.sendQueue.map { "\($0)" } ?? "-")"
                text +=
                    "\(socket.state.name) \(socket.local.text) \(socket.remote.text) \(queues) \(socket.uid)"
                    + " \(socket.inode) \(owner)\n"
            }
        }
        return text
    }

    /// Waiting in the accept queue: established for the kernel, without an owner.
    private static func unaccepted(_ sockets: [TCPSocket]) -> Int {
        sockets.count { $0.inode == 0 && ($0.state == .established || $0.state == .closeWait) }
    }

    var telling: [TellingLine] {
        ports.flatMap { port -> [TellingLine] in
            let sockets = sockets[port] ?? []
            var lines: [TellingLine] = []
            for socket in sockets where socket.state == .listen && socket.receiveQueue > 0 {
                let limit = socket.sendQueue.map { " (limit \($0))" } ?? ""
                let isFull = socket.sendQueue.map { socket.receiveQueue >= $0 } ?? false
                lines.append(
                    TellingLine(
                        weight: isFull ? 45 : 10,
                        text: "port \(port): \(socket.receiveQueue) connections wait to be accepted\(limit)"))
            }
            let unread = sockets.count { $0.state == .established && $0.inode != 0 && $0.receiveQueue > 0 }
            if unread > 0 {
                lines.append(
                    TellingLine(
                        weight: 10, text: "port \(port): \(unread) connections hold bytes that the server has not read")
                )
            }
            return lines
        }
    }
}
