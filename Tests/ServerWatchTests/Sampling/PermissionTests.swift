import CLinux
import Glibc
import LoadMetrics
import Synchronization
import Testing

@testable import ServerWatch

@Suite struct PermissionTests {
    /// A process that has capabilities which the watching thread has not, as if it were another user's.
    @Test func whatMayNotBeReadIsSaid() async throws {
        let peer = try PythonPeer()
        let port = try #require(
            Int(
                try peer.run(
                    """
                    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(5)
                    one = socket.create_connection(listener.getsockname()); other = listener.accept()[0]
                    result = listener.getsockname()[1]
                    """)))
        // An ordinary user has a process of another at hand: the first of all.
        let pid = geteuid() == 0 ? peer.pid : 1
        let state = WatchState()
        let thread = try WatchThread(name: "unprivileged") {
            Self.giveUpCapabilities()
            let target = WatchTarget.process(pid: pid, role: .watched, name: "server", port: port)
            SamplingLoop([target], originNs: 0, periodNs: 10_000_000, probes: [], state: state).run()
        }
        defer {
            state.stop()
            thread.join(milliseconds: 4000)
        }
        var news: [WatchNews] = []
        var samples: [ServerSample] = []
        try await Patience.wait("samples", state: { news }) {
            news += state.news.take()
            samples = news.compactMap { if case .sample(let sample) = $0 { sample } else { nil } }
            return samples.count >= 5 && samples.contains { $0.connections != nil }
        }
        let events = news.compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(events.count == 1)
        #expect(events.first?.kind == .unreadable)
        #expect(events.first?.detail.contains("CAP_SYS_PTRACE") == true)
        #expect(samples.allSatisfy { $0.descriptorsByKind == nil })
        // The table of sockets is anyone's to read.
        #expect(samples.contains { $0.connections == ["ESTABLISHED": 1] })
        #expect(samples.allSatisfy { $0.threads != nil && $0.cpuSeconds != nil && $0.threadsByState != nil })
        let record = try #require(state.records.withLock { $0[0] })
        let scene = try ThreadScene.read(
            ProcFolder(process: record.pid), pid: record.pid, known: record.threads, atNs: MonotonicClock.nowNs)
        #expect(!scene.threads.isEmpty)
    }

    /// Of the calling thread alone (capset(2)); the C library has the call without a declaration.
    private static func giveUpCapabilities() {
        guard geteuid() == 0, let symbol = dlsym(nil, "capset") else { return }
        typealias SetCapabilities = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32
        let set = unsafeBitCast(symbol, to: SetCapabilities.self)
        // _LINUX_CAPABILITY_VERSION_3, and three empty sets of 64 bits.
        var header: (UInt32, Int32) = (0x2008_0522, 0)
        var sets: (UInt64, UInt64, UInt64) = (0, 0, 0)
        precondition(set(&header, &sets) == 0, "capset: \(String(cString: strerror(errno)))")
    }
}
