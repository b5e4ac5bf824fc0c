/// Sockets by protocol from /proc/PID/net (proc_pid_net(5)), for when the descriptor itself does not tell.
struct SocketFiles {
    /// The files in which sockets that are not TCP stand, and in which word of a line the inode does.
    private static let files: [(name: String, inodeWord: Int, kind: DescriptorKind)] = [
        ("udp", 9, .udp), ("udp6", 9, .udp), ("udplite", 9, .udp), ("udplite6", 9, .udp), ("unix", 6, .unix),
        ("netlink", 9, .netlink), ("packet", 8, .other("socket:packet")), ("raw", 9, .other("socket:raw")),
        ("raw6", 9, .other("socket:raw")), ("icmp", 9, .other("socket:ping")), ("icmp6", 9, .other("socket:ping")),
    ]

    private var kinds: [UInt32: DescriptorKind] = [:]

    /// Files that are not there, or not ours to read, tell nothing.
    init(of process: borrowing ProcFolder) {
        for (name, word, kind) in Self.files {
            guard let text = try? process.read("net/\(name)", limit: 1 << 24) else { continue }
            for inode in Self.inodes(text, word: word) { kinds[inode] = kind }
        }
    }

    func kind(inode: UInt32) -> DescriptorKind? { kinds[inode] }

    /// - Parameter word: counted from 0.
    static func inodes(_ bytes: [UInt8], word: Int) -> [UInt32] {
        var text = ByteScanner(bytes)
        // The first line has the headings.
        guard text.line() != nil else { return [] }
        var inodes: [UInt32] = []
        while var line = text.line() {
            line.skipWords(word)
            guard var last = line.word(), let inode = last.decimal(), last.isAtEnd, inode > 0,
                let number = UInt32(exactly: inode)
            else { continue }
            inodes.append(number)
        }
        return inodes
    }
}
