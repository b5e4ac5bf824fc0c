import Glibc
import Testing

@testable import Reactor

@Suite struct FailureTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(maxConnections: 64)
    }

    /// A port of this machine that nobody listens on.
    private func closedPort(host: String = "127.0.0.1") throws -> SocketAddress {
        try ScriptedListener(host: host).address
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func aClosedPortRefuses(host: String) throws {
        let address = try closedPort(host: host)
        switch loop.connect(to: address, owner: 3) {
        case .pending(let id):
            let told = try loop.expect(.failed, of: id)
            #expect(told.completion.failure == .refused)
            #expect(told.completion.errno == ECONNREFUSED)
            #expect(told.completion.owner == 3)
            #expect(loop.send(id, [1]) == .failed(.notConnected))
        case .failed(let failure, let errno):
            #expect(failure == .refused && errno == ECONNREFUSED)
        }
        #expect(loop.openConnections == 0)
        loop.expectSilence()
    }

    @Test func aRouteThatDoesNotExistFailsAtOnce() throws {
        // A link-local address without its link.
        let address = try #require(SocketAddress(host: "fe80::1", port: 9))
        guard case .failed(_, let errno) = loop.connect(to: address, owner: 0) else {
            Issue.record("connected nowhere")
            return
        }
        #expect(errno != 0)
        #expect(loop.openConnections == 0)
    }

    @Test func aSourceOfAnotherMachineFailsLocally() throws {
        let listener = try ScriptedListener()
        let foreign = try #require(SocketAddress(host: "192.0.2.1", port: 0))
        let result = loop.connect(to: listener.address, from: foreign, owner: 0)
        #expect(result == .failed(.sourceNotLocal, errno: EADDRNOTAVAIL))
        #expect(loop.openConnections == 0)
    }

    @Test func aSourceOfTheOtherFamilyFails() throws {
        let listener = try ScriptedListener()
        let source = try #require(SocketAddress(host: "::1", port: 0))
        guard case .failed = loop.connect(to: listener.address, from: source, owner: 0) else {
            Issue.record("connected across families")
            return
        }
    }

    @Test(arguments: [("127.0.0.1", "127.0.0.2"), ("127.0.0.1", "127.1.2.3"), ("::1", "::1")])
    func connectionsComeFromTheSourceGiven(host: String, source: String) throws {
        let listener = try ScriptedListener(host: host)
        let local = try #require(SocketAddress(host: source, port: 0))
        let id = try loop.begin(to: listener.address, from: local)
        try loop.expect(.connected, of: id)
        #expect(try listener.accept().remote?.host == source)
    }

    @Test func aPortInUseIsNotBoundTwice() throws {
        let listener = try ScriptedListener()
        let result = loop.connect(to: listener.address, from: listener.address, owner: 0)
        #expect(result == .failed(.addressInUse, errno: EADDRINUSE))
    }

    @Test func aFullLoopSaysSo() throws {
        let loop = try EventLoop(maxConnections: 2)
        let listener = try ScriptedListener()
        let first = try loop.begin(to: listener.address)
        _ = try loop.begin(to: listener.address)
        #expect(loop.connect(to: listener.address, owner: 0) == .failed(.loopFull, errno: 0))
        #expect(throws: ReactorError.loopFull) { try loop.watch(descriptor: 0, owner: 0) }
        loop.close(first)
        _ = try loop.begin(to: listener.address)
        #expect(loop.openConnections == 2)
    }

    @Test func aResetRightBehindTheConnectionFailsIt() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address)
        let peer = try listener.accept()
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
    }

    @Test func aResetOfAnOpenConnectionFailsIt() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
        #expect(loop.openConnections == 0)
    }

    @Test func bytesBeforeAResetAreDelivered() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([1, 2])
        peer.resetOnClose()
        peer.close()
        #expect(try loop.expect(.received, of: id).bytes == [1, 2])
        try loop.expectFailure(.reset, of: id)
    }

    @Test func aResetAfterThePeersFinFails() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.finishSending()
        try loop.expect(.finished, of: id)
        #expect(loop.send(id, [1]) == .sent)
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.brokenPipe, of: id)
    }

    @Test func aResetAfterOurFinFails() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.finishSending(id)
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
    }

    /// The peer's last words must not be lost because we happened to send first.
    @Test func aSendIntoAResetConnectionDeliversTheLastBytesFirst() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([7])
        peer.resetOnClose()
        peer.close()
        #expect(loop.send(id, [1]) == .queued)
        #expect(loop.send(id, [2]) == .queued)
        #expect(try loop.expect(.received, of: id).bytes == [7])
        #expect(loop.send(id, [3]) == .queued)
        try loop.expectFailure(.reset, of: id)
        loop.expectSilence()
    }

    @Test func aSendToAPeerThatIsGoneFailsTheConnection() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.close()
        try loop.expect(.finished, of: id)
        #expect(loop.send(id, [1]) == .sent)
        let told = try loop.expect(.failed, of: id)
        #expect(told.completion.failure == .reset || told.completion.failure == .brokenPipe)
    }

    @Test func aResetFailsWhatIsQueued() throws {
        let listener = try ScriptedListener(receiveBufferBytes: 8192)
        let peer = try loop.establish(listener)
        let id = peer.connection
        #expect(loop.send(id, [UInt8](repeating: 0, count: 8_000_000)) == .queued)
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
    }

    @Test func ourResetReachesThePeer() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.reset(id)
        #expect(peer.receive() == nil)
        #expect(errno == ECONNRESET)
        #expect(loop.openConnections == 0)
    }

    @Test func aFullBacklogLeavesTheConnectPendingUntilItIsClosed() throws {
        let listener = try ScriptedListener()
        try #require(listen(listener.descriptor, 0) == 0)
        var pending: [ConnectionID] = []
        for _ in 0..<8 { pending.append(try loop.begin(to: listener.address)) }
        let deadline = loop.refreshNow() + 50_000_000
        var connected = 0
        while loop.nowNs < deadline {
            loop.wait(untilNs: deadline)
            while let completion = loop.next() {
                #expect(completion.kind == .connected)
                connected += 1
            }
        }
        #expect(connected < 8)
        for id in pending { loop.close(id) }
        #expect(loop.openConnections == 0)
        loop.expectSilence()
    }

    /// In a process of its own, because the limit is the process's.
    @Test func withoutDescriptorsConnectFailsAtOnceAndWorksAgainAfterwards() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop(maxConnections: 64)
            let listener = try ScriptedListener()
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let normal = limit.rlim_cur
            limit.rlim_cur = 32
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var pending: [ConnectionID] = []
            var last = loop.connect(to: listener.address, owner: 0)
            while case .pending(let id) = last, pending.count < 64 {
                pending.append(id)
                last = loop.connect(to: listener.address, owner: 0)
            }
            limit.rlim_cur = normal
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            #expect(last == .failed(.noDescriptors, errno: EMFILE))
            #expect(!pending.isEmpty && loop.openConnections == pending.count)
            _ = try loop.begin(to: listener.address)
        }
    }

    @Test func everyFailureHasASlugAndWords() {
        let slugs = Set(NetworkFailure.allCases.map(\.slug))
        #expect(slugs.count == NetworkFailure.allCases.count)
        #expect(NetworkFailure.allCases.allSatisfy { !$0.description.isEmpty })
        #expect(NetworkFailure(errno: EMFILE) == .noDescriptors)
        #expect(NetworkFailure(errno: ENOTTY) == .other)
    }
}
