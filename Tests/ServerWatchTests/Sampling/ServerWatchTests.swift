import Glibc
import LoadMetrics
import Testing

@testable import ServerWatch

/// The whole, against processes that the test starts.
@Suite struct ServerWatchTests {
    private static let server = """
        listener = socket.socket(); listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", %PORT%)); listener.listen(6)
        def pair():
            one = socket.create_connection(listener.getsockname())
            return one, listener.accept()[0]
        result = listener.getsockname()[1]
        """

    @discardableResult
    private static func listen(_ peer: PythonPeer, port: Int = 0) throws -> Int {
        try #require(Int(try peer.run(server.replacing("%PORT%", with: "\(port)"))))
    }

    @Test func aProcessByPid() async throws {
        let peer = try PythonPeer()
        let port = try Self.listen(peer)
        try peer.run(
            """
            served = [pair() for n in range(5)]
            served[0][0].send(b"unread"); served[1][0].send(b"unread")
            closed = [pair() for n in range(3)]
            for one, other in closed: one.close()
            waiting = [socket.create_connection(listener.getsockname()) for n in range(4)]
            done = threading.Event()
            for n in range(2): threading.Thread(target=done.wait, daemon=True).start()
            """)
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .gateway, name: "gateway 0", port: port)], originNs: monotonicNs()))
        try await news.wait("a sample") { $0.samples.count >= 2 }
        let source = try #require(news.sources.first)
        #expect(news.sources.count == 1)
        #expect(source.number == 0 && source.role == .gateway && source.name == "gateway 0" && source.port == port)
        #expect(source.pid == peer.pid)
        #expect(source.command?.contains("python3") == true)
        #expect((source.descriptorLimit ?? 0) > 20)
        guard case .source = news.all.first else {
            Issue.record("the source does not come first")
            return
        }
        let sample = try #require(news.samples.last)
        #expect(sample.pid == peer.pid)
        #expect(sample.connections == ["ESTABLISHED": 5, "CLOSE_WAIT": 3])
        #expect(sample.unreadConnections == 2)
        #expect(sample.acceptQueue == 4)
        #expect(sample.acceptQueueLimit == 6)
        #expect(sample.descriptorsByKind?["tcp:LISTEN"] == 1)
        #expect(sample.descriptorsByKind?["tcp:CLOSE_WAIT"] == 3)
        // Both ends of the connections are the peer's own, but for those that wait.
        #expect(sample.descriptorsByKind?["tcp:ESTABLISHED"] == 14)
        #expect(sample.descriptors == sample.descriptorsByKind?.values.reduce(0, +))
        #expect(sample.descriptorLimit == source.descriptorLimit)
        #expect(sample.threads == 3)
        #expect(sample.threadsByState == ["S": 3])
        #expect((sample.residentKiB ?? 0) > 1000)
        #expect((sample.cpuSeconds ?? 0) > 0)
        #expect((sample.voluntarySwitches ?? 0) > 0)
        #expect(sample.involuntarySwitches != nil)
        #expect(news.events.isEmpty)
    }

    @Test func samplesComeAtMultiplesOfThePeriod() async throws {
        let peer = try PythonPeer()
        let origin = monotonicNs() - 1_234_567_890
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "peer", port: nil)], originNs: origin, periodMs: 50))
        try await news.wait("six samples") { $0.samples.count >= 6 }
        // Never before its time; how long after is up to the machine.
        let times = news.samples.dropFirst().map(\.atS)
        for (before, after) in zip(times, times.dropFirst()) {
            #expect(Int(after / 0.05) > Int(before / 0.05), "\(times)")
        }
    }

    @Test func aProcessThatIsKilled() async throws {
        let peer = try PythonPeer()
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "server", port: nil)], originNs: monotonicNs(),
                periodMs: 60_000))
        try await news.wait("a sample") { !$0.samples.isEmpty }
        // It stays a zombie until it is reaped.
        #expect(kill(peer.pid, SIGKILL) == 0)
        try await news.wait("its end, long before the next sample") { !$0.events.isEmpty }
        let event = try #require(news.events.first)
        #expect(event.kind == .exited)
        #expect(event.detail.contains("killed by signal 9"), "\(event.detail)")
        #expect(event.detail.contains("server (pid \(peer.pid))"))
    }

    @Test func aProcessThatExits() async throws {
        let peer = try PythonPeer()
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "server", port: nil)], originNs: monotonicNs(),
                periodMs: 60_000))
        try await news.wait("a sample") { !$0.samples.isEmpty }
        try peer.end("os._exit(3)")
        try await news.wait("its end") { !$0.events.isEmpty }
        #expect(news.events.first?.detail.hasSuffix("exit status 3") == true, "\(news.events)")
    }

    /// Its first thread is a zombie then, and /proc/PID/stat says Z.
    @Test func aProcessWhoseFirstThreadHasEnded() async throws {
        let peer = try PythonPeer()
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "server", port: nil)], originNs: monotonicNs(),
                periodMs: 50))
        try peer.run("threading.Thread(target=lambda: [time.sleep(0.01) for n in range(10**6)], daemon=True).start()")
        try peer.end("ctypes.CDLL(None).syscall(93 if os.uname().machine == 'aarch64' else 60, 0)")
        try await news.wait("a sample with a zombie thread") { $0.samples.last?.threadsByState?["Z"] == 1 }
        let count = news.samples.count
        try await news.wait("more samples") { $0.samples.count > count + 3 }
        #expect(news.events.isEmpty, "\(news.events)")
    }

    @Test func thereIsNoSuchProcess() async throws {
        let peer = try PythonPeer()
        peer.kill()
        let news = try WatchedNews(
            ServerWatch([.process(pid: peer.pid, role: .watched, name: "server", port: nil)], originNs: monotonicNs()))
        try await news.wait("an event") { !$0.events.isEmpty }
        #expect(news.events.first?.kind == .unreadable)
        #expect(news.events.first?.detail.contains("\(peer.pid)") == true)
        #expect(news.sources.count == 1)
    }

    @Test func aPortAndWhoeverFollowsThere() async throws {
        let first = try PythonPeer()
        let port = try Self.listen(first)
        let news = try WatchedNews(ServerWatch([.port(port)], originNs: monotonicNs(), periodMs: 50))
        try await news.wait("a sample") { !$0.samples.isEmpty }
        #expect(news.sources.map(\.pid) == [first.pid])
        #expect(news.sources.first?.name == "port \(port)")
        first.kill()
        try await news.wait("the end") { $0.events.contains { $0.kind == .exited } }
        let second = try PythonPeer()
        try Self.listen(second, port: port)
        try await news.wait("the restart") { $0.events.contains { $0.kind == .restarted } }
        try await news.wait("a sample of the second") { $0.samples.last?.pid == second.pid }
        #expect(news.sources.last?.pid == second.pid)
        #expect(news.sources.last?.number == 0)
        #expect(news.events.last { $0.kind == .restarted }?.detail.contains("pid \(second.pid)") == true)
        let kinds = news.events.map(\.kind).filter { $0 != .unreadable }
        #expect(kinds == [.exited, .restarted])
    }

    @Test func aPortOnWhichNobodyListensYet() async throws {
        let peer = try PythonPeer()
        let port = try Self.listen(peer)
        try peer.run("listener.close()")
        let news = try WatchedNews(ServerWatch([.port(port)], originNs: monotonicNs(), periodMs: 50))
        try await news.wait("a word about it") { $0.events.contains { $0.kind == .unreadable } }
        #expect(news.events.first?.detail.contains("nothing listens on TCP port \(port)") == true)
        try Self.listen(peer, port: port)
        try await news.wait("a sample") { !$0.samples.isEmpty }
        #expect(news.events.count == 1, "\(news.events)")
    }

    @Test func severalProcessesOnOnePort() async throws {
        let parent = try PythonPeer()
        let port = try Self.listen(parent)
        try parent.run(
            """
            children = []
            for n in range(2):
                child = os.fork()
                if child == 0:
                    ctypes.CDLL(None).prctl(1, 9)
                    while True: time.sleep(60)
                children.append(child)
            """)
        let news = try WatchedNews(ServerWatch([.port(port)], originNs: monotonicNs(), periodMs: 50))
        try await news.wait("three sources") { Set($0.samples.map(\.source)).count == 3 }
        #expect(news.sources.map(\.number) == [0, 1, 2])
        #expect(Set(news.sources.compactMap(\.pid)).count == 3)
        #expect(news.sources.first?.pid == parent.pid)
        // They share one socket, so each tells the same queue.
        #expect(news.samples.allSatisfy { $0.acceptQueue == 0 })
    }

    /// Children that come and go while they are read.
    @Test func processesThatEndWhileTheyAreRead() async throws {
        let peer = try PythonPeer()
        for _ in 0..<10 {
            let pid = try #require(
                Int32(
                    try peer.run(
                        """
                        child = os.fork()
                        if child == 0:
                            time.sleep(0.02)
                            os._exit(0)
                        result = child
                        """)))
            let news = try WatchedNews(
                ServerWatch(
                    [.process(pid: pid, role: .watched, name: "child", port: nil)], originNs: monotonicNs(),
                    periodMs: 10))
            try await news.wait("its end") { $0.events.contains { $0.kind == .exited || $0.kind == .unreadable } }
            try peer.run("os.waitpid(child, 0)")
        }
    }

    @Test func theThreadHasAName() async throws {
        let news = try WatchedNews(ServerWatch([], originNs: monotonicNs()))
        let tasks = try ProcFolder("/proc/self/task")
        func names() throws -> [String] {
            try tasks.numbers().compactMap {
                (try? tasks.read("\($0)/comm")).map { String(decoding: $0, as: UTF8.self) }
            }
        }
        try await Patience.wait("the thread") { try names().contains("watch\n") }
        news.watch.stop()
    }
}
