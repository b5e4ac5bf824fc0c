/// Socket tables of one tick, each namespace's read once however many processes look into it.
struct TickSockets {
    private var tables: [String: (table: SocketTable, costNs: Int64)] = [:]
    /// Processes that will look into a table; its cost is theirs in equal parts.
    let readers: Int
    private var listeners: [String: [TCPSocket]] = [:]

    init(readers: Int) {
        self.readers = readers
    }

    /// All sockets that a process may hold, and its part of what reading them cost in CPU time; nil when unreadable.
    mutating func table(of process: borrowing ProcFolder, namespace: String) -> (table: SocketTable, costNs: Int64)? {
        if let known = tables[namespace] { return known }
        let startNs = MonotonicClock.threadCPUNs
        guard let table = try? SocketTable.read(of: process, states: SocketDiagnostics.heldStates) else { return nil }
        let read = (table, (MonotonicClock.threadCPUNs - startNs) / Int64(max(readers, 1)))
        tables[namespace] = read
        return read
    }

    /// The listening sockets alone: few, and cheap even beside a hundred thousand connections.
    mutating func listeners(of process: borrowing ProcFolder, namespace: String) -> [TCPSocket]? {
        if let known = listeners[namespace] { return known }
        guard let table = try? SocketTable.read(of: process, states: SocketDiagnostics.listening) else { return nil }
        listeners[namespace] = table.sockets
        return table.sockets
    }
}
