/// The open descriptors of one process, counted by kind.
struct DescriptorCensus: Sendable {
    private(set) var counts: [DescriptorKind: Int]
    /// The TCP sockets among them that stand in the kernel's table.
    private(set) var connections: [OwnedSocket] = []
    private(set) var examples: [DescriptorKind: [String]]
    /// For the next census of the same process.
    private(set) var memory = SocketMemory()

    struct OwnedSocket: Sendable {
        var descriptor: Int32
        var socket: TCPSocket
    }

    /// What is known of a process's sockets by inode, which a socket keeps for its life, whatever descriptor it has.
    struct SocketMemory: Sendable {
        enum Entry: Sendable {
            case connected
            case tcp
            case kind(DescriptorKind)
        }

        fileprivate(set) var entries: [UInt32: Entry] = [:]

        /// Whether the process had this socket at the last census.
        func knows(_ inode: UInt32) -> Bool { entries[inode] != nil }
    }

    var total: Int { counts.values.reduce(0, +) }

    var countsByName: [String: Int] {
        Dictionary(counts.map { ($0.key.name, $0.value) }, uniquingKeysWith: +)
    }

    /// Joins the links of a process with a socket table that was read after them: so a socket that is missing from the
    /// table was in none of its states, or has been closed in between.
    ///
    /// - Parameters:
    ///   - memory: of the census before.
    ///   - examplesOfEachKind: how many sockets of each kind to remember in words.
    init(
        _ links: DescriptorLinks, table: SocketTable, memory before: SocketMemory, process: borrowing ProcFolder,
        descriptors: borrowing ProcFolder, examplesOfEachKind: Int = 0
    ) {
        counts = links.counts
        examples = links.examples
        memory.entries.reserveCapacity(links.sockets.count)
        var files: SocketFiles?
        for link in links.sockets {
            let kind: DescriptorKind
            var found: TCPSocket?
            if let socket = table.socket(inode: link.inode) {
                kind = .tcp(socket.state)
                let wasConnected = socket.state != .listen && socket.state != .synSent
                memory.entries[link.inode] = wasConnected ? .connected : .tcp
                connections.append(OwnedSocket(descriptor: link.descriptor, socket: socket))
                found = socket
            } else {
                var entry = before.entries[link.inode]
                if entry == nil {
                    entry = Self.ask(link, in: descriptors)
                    // Also when the answer is of another socket: the descriptor has been closed and used again.
                    guard Self.isStillOpen(link, in: descriptors) else { continue }
                    if entry == nil {
                        let tables = files ?? SocketFiles(of: process)
                        files = tables
                        entry = tables.kind(inode: link.inode).map { .kind($0) }
                    }
                } else if case .kind = entry {
                } else {
                    guard Self.isStillOpen(link, in: descriptors) else { continue }
                }
                memory.entries[link.inode] = entry
                switch entry {
                case .kind(let known): kind = known
                // It was in the table and is no more, but still open: the other side has reset it.
                case .connected: kind = .tcp(.close)
                case .tcp: kind = .tcpUnbound
                case nil: kind = .socketUnknown
                }
            }
            counts[kind, default: 0] += 1
            if examplesOfEachKind > 0, examples[kind, default: []].count < examplesOfEachKind {
                let what = found.map { "\($0.local.text) – \($0.remote.text)" } ?? "socket:[\(link.inode)]"
                examples[kind, default: []].append("\(link.descriptor) \(what)")
            }
        }
    }

    private static func ask(_ link: DescriptorLinks.Socket, in descriptors: borrowing ProcFolder) -> SocketMemory.Entry?
    {
        guard let name = SocketProtocol.name(descriptor: link.descriptor, in: descriptors) else { return nil }
        return SocketProtocol.kind(ofName: name).map { .kind($0) } ?? .tcp
    }

    private static func isStillOpen(_ link: DescriptorLinks.Socket, in descriptors: borrowing ProcFolder) -> Bool {
        (try? descriptors.link("\(link.descriptor)")) == "socket:[\(link.inode)]"
    }
}
