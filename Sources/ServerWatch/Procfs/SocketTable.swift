/// The TCP sockets of one network namespace at one moment.
struct SocketTable: Sendable {
    let sockets: [TCPSocket]
    private let indexByInode: [UInt32: Int]

    /// The kernel goes through its table in steps: when sockets come and go meanwhile, it may tell one twice, or miss one.
    ///
    /// - Parameter sockets: those told twice are kept once.
    init(_ sockets: [TCPSocket]) {
        var unique: [TCPSocket] = []
        var index: [UInt32: Int] = [:]
        var ownerless: Set<TCPEndpointPair> = []
        unique.reserveCapacity(sockets.count)
        index.reserveCapacity(sockets.count)
        for socket in sockets {
            if socket.inode != 0 {
                guard index[socket.inode] == nil else { continue }
                index[socket.inode] = unique.count
            } else if !ownerless.insert(TCPEndpointPair(local: socket.local, remote: socket.remote)).inserted {
                continue
            }
            unique.append(socket)
        }
        self.sockets = unique
        indexByInode = index
    }

    func socket(inode: UInt32) -> TCPSocket? {
        indexByInode[inode].map { sockets[$0] }
    }

    /// - Parameter states: as of `SocketDiagnostics.tcpSockets`.
    /// - Throws: when neither way of reading works.
    static func read(of process: borrowing ProcFolder, states: UInt32) throws(ProcError) -> SocketTable {
        if isInOurNamespace(process), let sockets = try? SocketDiagnostics.tcpSockets(states: states) {
            return SocketTable(sockets)
        }
        // 150 bytes a socket: room for half a million of them.
        let limit = 1 << 26
        var sockets = TCPSocketText.parse(try process.read("net/tcp", limit: limit), isIPv6: false)
        // Missing where the kernel has no IPv6.
        if let text = try? process.read("net/tcp6", limit: limit) {
            sockets += TCPSocketText.parse(text, isIPv6: true)
        }
        return SocketTable(sockets.filter { states & 1 << UInt32($0.state.rawValue) != 0 })
    }

    /// True also when the process does not let us know.
    private static func isInOurNamespace(_ process: borrowing ProcFolder) -> Bool {
        guard let theirs = try? process.link("ns/net"), let own = try? ProcFolder("/proc/self"),
            let ours = try? own.link("ns/net")
        else { return true }
        return theirs == ours
    }
}
