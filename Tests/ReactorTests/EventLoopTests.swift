import Glibc
import Testing

@testable import Reactor

@Suite struct EventLoopTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(maxConnections: 64)
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func bytesGoBothWays(host: String) throws {
        let listener = try ScriptedListener(host: host)
        let id = try loop.begin(to: listener.address, owner: 7)
        #expect(loop.openConnections == 1)
        #expect(try loop.expect(.connected, of: id).completion.owner == 7)
        let peer = try listener.accept()
        #expect(loop.send(id, Array("hello".utf8)) == .sent)
        #expect(peer.receive() == Array("hello".utf8))
        peer.send(Array("world".utf8))
        let told = try loop.expect(.received, of: id)
        #expect(told.bytes == Array("world".utf8))
        #expect(told.completion.owner == 7)
        loop.close(id)
        #expect(peer.receive() == [])
        #expect(loop.openConnections == 0)
        loop.expectSilence()
    }

    @Test func bytesThatCameWithTheConnectionFollowIt() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address)
        let peer = try listener.accept()
        peer.send([1, 2, 3])
        peer.finishSending()
        try loop.expect(.connected, of: id)
        #expect(try loop.expect(.received, of: id).bytes == [1, 2, 3])
        #expect(try !loop.expect(.finished, of: id).completion.truncated)
        loop.expectSilence()
        #expect(loop.openConnections == 1)
    }

    @Test func aVectorIsSentInOrder() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        // More parts than one sendmsg(2) takes, some of them empty.
        let bytes = (0..<2500).map { UInt8(truncatingIfNeeded: $0) }
        let result = bytes.withUnsafeBytes { bytes in
            let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
            let parts = (0..<5000).map { iovec(iov_base: base + $0 / 2, iov_len: $0 % 2) }
            return parts.withUnsafeBufferPointer { loop.send(id, vector: $0) }
        }
        #expect(result == .sent)
        #expect(peer.receive(exactly: 2500) == bytes)
        #expect(loop.send(id, vector: UnsafeBufferPointer(start: nil, count: 0)) == .sent)
        #expect(loop.send(id, []) == .sent)
    }

    @Test func largeReceivesTakeSeveralTurnsAndLeaveOthersTheirs() throws {
        let loop = try EventLoop(maxConnections: 4, receiveBufferBytes: 1000)
        let listener = try ScriptedListener()
        let bigPeer = try loop.establish(listener, owner: 1)
        let big = bigPeer.connection
        let smallPeer = try loop.establish(listener, owner: 2)
        let small = smallPeer.connection
        var random = SeededRandom()
        let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        bigPeer.send(bytes)
        smallPeer.send([9])
        var collected: [UInt8] = []
        var receivesBeforeSmall = 0
        var sawSmall = false
        while collected.count < bytes.count || !sawSmall {
            let told = try loop.nextTold()
            #expect(told.kind == .received)
            if told.completion.connection == small {
                sawSmall = true
            } else {
                collected += told.bytes
                if !sawSmall { receivesBeforeSmall += 1 }
            }
        }
        let isSame = collected == bytes
        #expect(isSame, "seed \(random.seed)")
        #expect(receivesBeforeSmall <= 2)
        loop.close(big)
        loop.close(small)
    }

    @Test func aReceiveThatFillsTheBufferExactlyLosesNothing() throws {
        let loop = try EventLoop(maxConnections: 4, receiveBufferBytes: 1000)
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([UInt8](repeating: 1, count: 1000))
        #expect(try loop.receive(1000, of: id).count == 1000)
        loop.expectSilence()
        peer.send([2])
        #expect(try loop.receive(1, of: id) == [2])
        peer.send([UInt8](repeating: 3, count: 1000))
        peer.finishSending()
        #expect(try loop.receive(1000, of: id).count == 1000)
        try loop.expect(.finished, of: id)
    }

    /// The kernel ends a receive at the urgent mark: a short one has not emptied the socket then.
    @Test func bytesBehindAnUrgentMarkArrive() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([1, 2])
        peer.send([3], flags: Int32(MSG_OOB))
        peer.send([4, 5])
        #expect(try loop.receive(4, of: id) == [1, 2, 4, 5])
        peer.send([6])
        #expect(try loop.receive(1, of: id) == [6])
    }

    @Test func idsOfGoneConnectionsMatchNothing() throws {
        let listener = try ScriptedListener()
        let oldPeer = try loop.establish(listener)
        let old = oldPeer.connection
        loop.close(old)
        oldPeer.close()
        let newPeer = try loop.establish(listener)
        let new = newPeer.connection
        #expect(new.slot == old.slot && new != old)
        loop.close(old)
        loop.reset(old)
        loop.finishSending(old)
        loop.pauseReceiving(old)
        loop.resumeReceiving(old)
        loop.unwatch(old)
        loop.unwatch(new)
        #expect(loop.send(old, [1]) == .failed(.notConnected))
        #expect(loop.send(.none, [1]) == .failed(.notConnected))
        #expect(loop.send(ConnectionID(slot: .max, generation: 1), [1]) == .failed(.notConnected))
        #expect(loop.queuedByteCount(old) == 0)
        newPeer.send([5])
        #expect(try loop.expect(.received, of: new).bytes == [5])
    }

    @Test func nothingIsToldOfAConnectionClosedInTheSameTurn() throws {
        let listener = try ScriptedListener()
        let firstPeer = try loop.establish(listener)
        let first = firstPeer.connection
        let secondPeer = try loop.establish(listener)
        let second = secondPeer.connection
        firstPeer.send([1])
        secondPeer.send([2])
        let told = try loop.nextTold()
        loop.close(told.completion.connection == first ? second : first)
        loop.expectSilence()
    }

    @Test func beforeItIsConnectedAConnectionCannotSend() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address)
        #expect(loop.send(id, [1]) == .failed(.notConnected))
        loop.finishSending(id)
        try loop.expect(.connected, of: id)
        #expect(loop.send(id, [1]) == .sent)
    }

    @Test func aWatchedPipeIsReportedUntilItIsRead() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let id = try loop.watch(descriptor: ends[0], owner: 42)
        loop.expectSilence()
        #expect(write(ends[1], "x", 1) == 1)
        #expect(try loop.expect(.readable, of: id).completion.owner == 42)
        try loop.expect(.readable, of: id)
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        loop.expectSilence()
        _ = Glibc.close(ends[1])
        try loop.expect(.readable, of: id)
        loop.close(id)
        try loop.expect(.readable, of: id)
        loop.unwatch(id)
        loop.expectSilence()
        #expect(fcntl(ends[0], F_GETFD) != -1)
        #expect(loop.openConnections == 0)
        _ = Glibc.close(ends[0])
    }

    @Test func whatEpollCannotWaitForIsRefused() throws {
        let descriptor = open("/dev/null", O_RDONLY)
        #expect(throws: ReactorError.unwatchable(descriptor: descriptor)) {
            try loop.watch(descriptor: descriptor, owner: 0)
        }
        _ = Glibc.close(descriptor)
        #expect(throws: ReactorError.system(call: "epoll_ctl", errno: EBADF)) {
            try loop.watch(descriptor: -1, owner: 0)
        }
    }

    @Test(arguments: [true, false]) func aTimeoutIsNeverCutShort(hasNanosecondTimeouts: Bool) throws {
        let epoll = try Epoll(hasNanosecondTimeouts: hasNanosecondTimeouts)
        for timeoutNs: Int64 in [1, 400_000, 1_000_001, 2_000_000] {
            let start = loop.refreshNow()
            let count = epoll.wait(timeoutNs: timeoutNs)
            #expect(count == 0)
            #expect(loop.refreshNow() - start >= timeoutNs)
        }
    }

    @Test func aWaitEndsAtItsDeadlineAndCountsAsSleep() {
        let start = loop.refreshNow()
        loop.wait(untilNs: start + 3_000_000)
        #expect(loop.nowNs >= start + 3_000_000)
        #expect(loop.next() == nil, "nothing was submitted")
        let asleep = loop.statistics.asleepNs
        #expect(asleep >= 2_900_000)
        loop.wait(untilNs: start)
        #expect(loop.statistics.asleepNs == asleep)
        #expect(loop.statistics.waits == 2)
    }
}
