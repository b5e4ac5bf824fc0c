import Glibc
import Testing

@testable import Reactor

/// Backpressure and half-closed connections.
@Suite struct FlowTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(maxConnections: 64)
    }

    private func pattern(_ count: Int, salt: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ $0 >> 8) ^ salt) }
    }

    @Test func whatASlowPeerDoesNotTakeIsQueuedAndArrivesInOrder() throws {
        let listener = try ScriptedListener(receiveBufferBytes: 8192)
        let peer = try loop.establish(listener)
        let id = peer.connection
        let parts = (0..<5).map { pattern(1_500_000, salt: $0) }
        // How much the kernel takes is its own affair; not all of this.
        for part in parts[..<4] { _ = loop.send(id, part) }
        let last = parts[4].withUnsafeBytes { bytes in
            let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
            let halves = [
                iovec(iov_base: base, iov_len: 500_001),
                iovec(iov_base: base + 500_001, iov_len: bytes.count - 500_001),
            ]
            return halves.withUnsafeBufferPointer { loop.send(id, vector: $0) }
        }
        #expect(last == .queued)
        #expect(loop.queuedByteCount(id) > 1_000_000)
        loop.expectSilence()

        let expected = parts.flatMap { $0 }
        var arrived: [UInt8] = []
        var sent = 0
        let deadline = loop.refreshNow() + 30_000_000_000
        while arrived.count < expected.count, loop.nowNs < deadline {
            arrived += peer.receiveWhatIsThere()
            loop.wait(untilNs: loop.nowNs + 1_000_000)
            while let completion = loop.next() {
                #expect(completion.kind == .sent)
                sent += 1
            }
        }
        // A failed comparison of large arrays is not to be printed element by element.
        let isSame = arrived == expected
        #expect(isSame, "\(arrived.count) of \(expected.count) bytes")
        #expect(sent == 1)
        #expect(loop.queuedByteCount(id) == 0)
        #expect(loop.send(id, [1]) == .sent)
    }

    @Test func aVectorThatGoesOutInPartIsQueuedFromThere() throws {
        let listener = try ScriptedListener(receiveBufferBytes: 8192)
        let peer = try loop.establish(listener)
        let id = peer.connection
        let bytes = pattern(6_000_000, salt: 3)
        let result = bytes.withUnsafeBytes { bytes in
            let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
            let parts = (0..<6000).map { iovec(iov_base: base + $0 * 1000, iov_len: 1000) }
            return parts.withUnsafeBufferPointer { loop.send(id, vector: $0) }
        }
        #expect(result == .queued)
        loop.finishSending(id)
        #expect(loop.send(id, [1]) == .failed(.notConnected))
        var arrived: [UInt8] = []
        let deadline = loop.refreshNow() + 30_000_000_000
        while arrived.count < bytes.count, loop.nowNs < deadline {
            arrived += peer.receiveWhatIsThere()
            loop.wait(untilNs: loop.nowNs + 1_000_000)
            while let completion = loop.next() { #expect(completion.kind == .sent) }
        }
        let isSame = arrived == bytes
        #expect(isSame, "\(arrived.count) of \(bytes.count) bytes")
        #expect(peer.receive() == [])
    }

    @Test func closingDropsWhatIsQueued() throws {
        let listener = try ScriptedListener(receiveBufferBytes: 8192)
        let peer = try loop.establish(listener)
        let id = peer.connection
        #expect(loop.send(id, pattern(8_000_000, salt: 0)) == .queued)
        loop.close(id)
        var total = 0
        while let part = peer.receive(), !part.isEmpty { total += part.count }
        #expect(total < 8_000_000)
        loop.expectSilence()
    }

    @Test func ourFinLetsThePeerGoOnSending() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        #expect(loop.send(id, [1]) == .sent)
        loop.finishSending(id)
        loop.finishSending(id)
        #expect(peer.receive() == [1])
        #expect(peer.receive() == [])
        #expect(loop.send(id, [2]) == .failed(.notConnected))
        peer.send([3])
        #expect(try loop.expect(.received, of: id).bytes == [3])
        peer.finishSending()
        try loop.expect(.finished, of: id)
        loop.expectSilence()
        #expect(loop.openConnections == 1)
    }

    @Test func thePeersFinLetsUsGoOnSending() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.finishSending()
        try loop.expect(.finished, of: id)
        loop.expectSilence()
        #expect(loop.send(id, [4]) == .sent)
        #expect(peer.receive() == [4])
        loop.close(id)
        #expect(peer.receive() == [])
    }

    @Test func aPausedConnectionReceivesNothingUntilItIsResumed() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.pauseReceiving(id)
        peer.send([1])
        loop.expectSilence()
        peer.send([2])
        peer.finishSending()
        loop.expectSilence()
        #expect(loop.send(id, [9]) == .sent)
        #expect(peer.receive() == [9])
        loop.resumeReceiving(id)
        #expect(try loop.expect(.received, of: id).bytes == [1, 2])
        try loop.expect(.finished, of: id)
    }

    @Test func aPausedConnectionKeepsTheLoopAsleepWhateverStandsInIt() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.pauseReceiving(id)
        peer.send([UInt8](repeating: 7, count: 10_000))
        peer.finishSending()
        loop.expectSilence()
        let before = loop.statistics.waits
        for _ in 0..<3 { loop.expectSilence() }
        // Each silence needs one wait until its end; a loop that is woken by what it does not read needs thousands.
        #expect(loop.statistics.waits - before < 50)
        loop.resumeReceiving(id)
        #expect(try loop.receive(10_000, of: id).count == 10_000)
        try loop.expect(.finished, of: id)
    }

    @Test func anAbandonedConnectionReceivesNothingAndShowsItsEnd() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([1])
        loop.abandonReceiving(id)
        peer.send([2])
        loop.expectSilence()
        loop.resumeReceiving(id)
        loop.expectSilence()
        peer.finishSending()
        try loop.expect(.finished, of: id)
        loop.expectSilence()
        loop.close(id)
        #expect(loop.openConnections == 0)
    }

    @Test func anEndThatCameBeforeIsShownWhenTheConnectionIsAbandoned() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.pauseReceiving(id)
        peer.send([1])
        peer.finishSending()
        loop.expectSilence()
        loop.abandonReceiving(id)
        try loop.expect(.finished, of: id)
    }

    @Test func aPauseBetweenTwoReceivesKeepsTheRest() throws {
        let loop = try EventLoop(maxConnections: 4, receiveBufferBytes: 4)
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        peer.send([1, 2, 3, 4, 5, 6])
        #expect(try loop.expect(.received, of: id).bytes == [1, 2, 3, 4])
        loop.pauseReceiving(id)
        loop.expectSilence()
        loop.resumeReceiving(id)
        #expect(try loop.expect(.received, of: id).bytes == [5, 6])
    }

    @Test func aResetOfAPausedConnectionIsReportedAtOnce() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        loop.pauseReceiving(id)
        peer.send([1])
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
    }

    /// Nagle's algorithm waits for the acknowledgement of a small segment, which a silent peer delays by 40 ms.
    @Test func noDelayIsSetOnceASendHasNotBeenAnswered() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        let descriptor = try descriptor(id)
        for round: UInt8 in 0..<2 {
            #expect(loop.send(id, [round]) == .sent)
            #expect(noDelay(descriptor) == 0)
            _ = peer.receive()
            peer.send([round])
            try loop.expect(.received, of: id)
        }
        #expect(loop.send(id, [1]) == .sent)
        #expect(loop.send(id, [2]) == .sent)
        #expect(noDelay(descriptor) == 1)
    }

    /// An answer may have crossed what was sent last; on long connections nothing is left to that.
    @Test func noDelayIsSetOnLongConnections() throws {
        let listener = try ScriptedListener()
        let peer = try loop.establish(listener)
        let id = peer.connection
        let descriptor = try descriptor(id)
        for round: UInt8 in 0..<4 {
            #expect(loop.send(id, [round]) == .sent)
            _ = peer.receive()
            peer.send([round])
            try loop.expect(.received, of: id)
        }
        #expect(noDelay(descriptor) == 0)
        #expect(loop.send(id, [5]) == .sent)
        #expect(noDelay(descriptor) == 1)
    }

    private func descriptor(_ id: ConnectionID) throws -> Int32 {
        let slot = loop.table.find(id)
        return try #require(slot).pointee.descriptor
    }

    private func noDelay(_ descriptor: Int32) -> Int32 {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &size)
        return value
    }
}
