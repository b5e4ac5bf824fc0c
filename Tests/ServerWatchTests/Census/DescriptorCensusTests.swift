import Glibc
import Testing

@testable import ServerWatch

@Suite struct DescriptorCensusTests {
    @Test(arguments: [
        ("pipe:[4711]", DescriptorKind.pipe), ("anon_inode:[eventfd]", .eventfd),
        ("anon_inode:[eventpoll]", .eventpoll),
        ("anon_inode:[timerfd]", .timerfd), ("anon_inode:[signalfd]", .signalfd), ("anon_inode:inotify", .inotify),
        ("anon_inode:[io_uring]", .ioUring), ("anon_inode:[pidfd]", .pidfd), ("pidfd:[77]", .pidfd),
        ("anon_inode:[perf_event]", .other("anon:perf_event")), ("anon_inode:bpf-map", .other("anon:bpf-map")),
        ("anon_inode:[eventfds]", .other("anon:eventfds")), ("anon_inode:", .other("anon:")),
        ("anon_inode:[", .other("anon:[")), ("/var/log/server.log", .file), ("/tmp/x (deleted)", .deletedFile),
        ("/memfd:shared (deleted)", .memfd), ("/dev/null", .device), ("/dev/pts/3", .device), ("/dev/shm/x", .file),
        ("/", .file), ("net:[4026531840]", .other("namespace")), ("socket:[", .socketUnknown),
        ("socket:[99999999999]", .socketUnknown), ("socket:[12x]", .socketUnknown), ("", .other("other")),
    ])
    func kindOfALink(link: String, kind: DescriptorKind) {
        #expect(DescriptorLink.parse(Array(link.utf8).span) == .kind(kind))
    }

    @Test func socketOfALink() {
        #expect(DescriptorLink.parse(Array("socket:[4711]".utf8).span) == .socket(inode: 4711))
    }

    @Test func everyKindOfAProcess() throws {
        let peer = try PythonPeer()
        let before = try Self.census(of: peer.pid).countsByName
        try peer.run(
            """
            import tempfile
            libc = ctypes.CDLL(None)
            for n in range(3): kept.append(os.pipe())
            for n in range(5): kept.append(libc.eventfd(0, 0))
            for n in range(4): kept.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
            kept.append(select.epoll())
            for n in range(2): kept.append(libc.timerfd_create(1, 0))
            for n in range(3): kept.append(libc.inotify_init1(0))
            kept.append(os.memfd_create("scratch"))
            for n in range(6): kept.append(tempfile.TemporaryFile())
            for n in range(2): kept.append(open("/dev/null"))
            for n in range(2): kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            kept.append(socket.socketpair())
            for n in range(7): kept.append(socket.socket())
            kept.append(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(20)
            def pair():
                one = socket.create_connection(listener.getsockname())
                return one, listener.accept()[0]
            stay = [pair() for n in range(4)]
            gone = [pair() for n in range(9)]
            for one, other in gone: one.close()
            cut = [pair() for n in range(3)]
            for one, other in cut:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0"); one.close()
            """)
        let counts = try Self.census(of: peer.pid).countsByName
        let grown = counts.merging(before.mapValues { -$0 }, uniquingKeysWith: +).filter { $0.value != 0 }
        var expected = [
            "pipe": 6, "eventfd": 5, "netlink": 4, "eventpoll": 1, "timerfd": 2, "inotify": 3, "memfd": 1,
            "deleted file": 6, "device": 2, "udp": 2, "unix": 2, "tcp:LISTEN": 1, "tcp:ESTABLISHED": 8,
            "tcp:CLOSE_WAIT": 9,
        ]
        // Sockets that were reset are in no table, as those that never were connected.
        expected["tcp:unbound"] = 8 + 3
        #expect(grown == expected)
    }

    /// A socket that was seen connected is told from one that never was.
    @Test func aResetConnectionIsRemembered() throws {
        let peer = try PythonPeer()
        try peer.run(
            """
            listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(20)
            one = socket.create_connection(listener.getsockname()); other = listener.accept()[0]
            """)
        let before = try Self.census(of: peer.pid)
        #expect(before.countsByName["tcp:ESTABLISHED"] == 2)
        try peer.run(
            """
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0"); one.close()
            kept.append(socket.socket())
            """)
        let after = try Self.census(of: peer.pid, memory: before.memory).countsByName
        #expect(after["tcp:CLOSE"] == 1)
        #expect(after["tcp:unbound"] == 1)
        #expect(after["tcp:ESTABLISHED"] == nil)
    }

    /// As many as the limit of this machine lets.
    @Test func manyDescriptors() throws {
        let peer = try PythonPeer()
        let count = try #require(
            Int(
                try peer.run(
                    """
                    import resource
                    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
                    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                    wanted = min(hard, 20000) - 100
                    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(20)
                    for n in range(1000):
                        one = socket.create_connection(listener.getsockname()); kept.append((one, listener.accept()[0]))
                    source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    while True:
                        last = os.dup(source.fileno())
                        if last >= wanted: break
                    result = len(os.listdir("/proc/self/fd")) - 1
                    """)))
        let census = try Self.census(of: peer.pid)
        #expect(census.total == count)
        #expect(census.countsByName["tcp:ESTABLISHED"] == 2000)
        #expect(census.countsByName["udp", default: 0] > count - 2100)
        let folder = try ProcFolder("/proc/\(peer.pid)/fd")
        if let size = folder.sizeInEntries { #expect(size == count) }
    }

    @Test func ourselves() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { _ = close(end) } }
        let links = try DescriptorLinks(ProcFolder("/proc/self/fd"), examplesOfEachKind: 10_000)
        let pipes = links.examples[.pipe] ?? []
        for end in ends { #expect(pipes.contains { $0.hasPrefix("\(end) pipe:[") }) }
    }

    private static func census(
        of pid: Int32, memory: DescriptorCensus.SocketMemory = .init()
    ) throws -> DescriptorCensus {
        let process = try ProcFolder(process: pid)
        let descriptors = try ProcFolder("fd", in: process)
        let links = try DescriptorLinks(descriptors)
        let table = try SocketTable.read(of: process, states: SocketDiagnostics.heldStates)
        return DescriptorCensus(links, table: table, memory: memory, process: process, descriptors: descriptors)
    }
}
