import NIOCore
import NIOWebSocket
import Testing

@testable import Gateway

@Suite struct MessagesCodecTests {
    private static let frames: [MessageFrame] = [
        .hello(pushAddress: "[::1]:4711"), .hello(pushAddress: ""),
        .request(session: 1, call: .max, account: "user-é", payload: ByteBuffer(string: "hello")),
        .request(session: .max, call: 0, account: "", payload: ByteBuffer()),
        .reply(ByteBuffer(repeating: 7, count: 70_000)), .reply(ByteBuffer()), .pushed,
        .failed(reason: "connect: Connection refused"),
        .push(session: 3, call: 4, payload: ByteBuffer(string: "pushed")),
    ]

    @Test func framesSurviveEverySplit() throws {
        var stream = ByteBuffer()
        for frame in Self.frames {
            frame.write(to: &stream)
        }
        let all = try Self.read(stream)
        #expect(all == Self.frames)
        for cut in stride(from: 0, to: stream.readableBytes, by: stream.readableBytes > 1000 ? 97 : 1) {
            var buffer = try #require(stream.getSlice(at: 0, length: cut))
            var frames: [MessageFrame] = []
            while let frame = try MessageFrame.read(from: &buffer) { frames.append(frame) }
            buffer.writeImmutableBuffer(try #require(stream.getSlice(at: cut, length: stream.readableBytes - cut)))
            while let frame = try MessageFrame.read(from: &buffer) { frames.append(frame) }
            #expect(frames == Self.frames, "cut at \(cut)")
            #expect(buffer.readableBytes == 0)
        }
    }

    private static func read(_ stream: ByteBuffer) throws -> [MessageFrame] {
        var stream = stream
        var frames: [MessageFrame] = []
        while let frame = try MessageFrame.read(from: &stream) { frames.append(frame) }
        return frames
    }

    @Test(
        arguments: [
            ([0xff, 0, 0, 0], MessageFrame.Malformed.tooLong(bytes: 0xff00_0000)),
            (Array("GET / HTTP/1.1".utf8), .tooLong(bytes: 0x4745_5420)),
            ([0, 0, 0, 0], .fieldsTooShort), ([0, 0, 0, 1, 8], .unknownKind(8)),
            ([0, 0, 0, 3, 1, 0, 0], .fieldsTooShort), ([0, 0, 0, 2, 5, 0], .fieldsTooShort),
            ([0, 0, 0, 19, 1] + [UInt8](repeating: 0, count: 16) + [0, 9], .fieldsTooShort),
        ] as [([UInt8], MessageFrame.Malformed)])
    func refusesWhatIsNoFrame(bytes: [UInt8], error: MessageFrame.Malformed) {
        #expect(throws: error) {
            var buffer = ByteBuffer(bytes: bytes)
            _ = try MessageFrame.read(from: &buffer)
        }
    }

    /// Whatever bytes come, reading ends with frames or an error.
    @Test func survivesGarbage() {
        var random = TestRandom(seed: TestSeed.value)
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count > 4 {
                bytes.replaceSubrange(0..<4, with: [0, 0, 0, UInt8.random(in: 0...36, using: &random)])
                bytes[4] %= 7
            }
            var buffer = ByteBuffer(bytes: bytes)
            while let frame = try? MessageFrame.read(from: &buffer) {
                var again = ByteBuffer()
                frame.write(to: &again)
                if case .request(_, _, let account, _) = frame, account.contains("\u{fffd}") { continue }
                #expect(again.readableBytes > 4, "seed \(TestSeed.value)")
            }
        }
    }

    @Test func repliesGoOutInOrder() throws {
        var random = TestRandom(seed: TestSeed.value)
        var queue = ReplyQueue()
        var called: [(number: Int, payload: ByteBuffer)] = []
        var replies: [String] = []
        for number in 0..<100 {
            queue.append(.text, ByteBuffer(string: "\(number)"))
        }
        #expect(queue.isFull)
        while replies.count < 100 {
            while let call = queue.nextCall() { called.append(call) }
            #expect(called.count <= ReplyQueue.window)
            let call = called.remove(at: Int.random(in: 0..<called.count, using: &random))
            let taken = [queue.answer(call.number, with: call.payload), queue.answer(call.number, with: call.payload)]
            #expect(taken == [true, false], "answered twice")
            while let reply = queue.nextReply() { replies.append(String(buffer: reply.payload)) }
        }
        #expect(replies == (0..<100).map { "\($0)" }, "seed \(TestSeed.value)")
        #expect(!queue.isFull)
        let (call, reply, isTaken) = (queue.nextCall(), queue.nextReply(), queue.answer(100, with: ByteBuffer()))
        #expect(call == nil && reply == nil && !isTaken)
    }

    @Test(arguments: [0, 0.01, 0.07, 0.29, 1.0 / 3, 0.5, 0.999, 1])
    func sharesAreExact(share: Double) {
        let even = EvenShare(share)
        var picked = 0
        for number in 1...10_000 {
            if even.takes() { picked += 1 }
            let exact = share * Double(number)
            #expect(Double(picked) <= exact + 1e-4 && Double(picked) > exact - 1 - 1e-4, "\(number)")
        }
    }

    @Test func everyHundredthIsPickedAtOnePercent() {
        let even = EvenShare(0.01)
        #expect((1...1000).filter { _ in even.takes() } == (1...10).map { $0 * 100 })
    }

    @Test func acceptIsRetriedAsInGo() {
        var retry = AcceptRetry()
        let texts = (0..<10).map { _ in AcceptRetry.text(retry.afterFailure()) }
        #expect(texts == ["5ms", "10ms", "20ms", "40ms", "80ms", "160ms", "320ms", "640ms", "1s", "1s"])
        retry.succeeded()
        let again = retry.afterFailure()
        #expect(again == .milliseconds(5))
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:65535", "::1", 65535), ("gateway.svc:1", "gateway.svc", 1),
    ])
    func readsHostAndPort(text: String, host: String, port: Int) throws {
        let parts = try #require(HostAndPort(text))
        #expect(parts.host == host && parts.port == port)
    }

    @Test(arguments: ["", ":80", "a", "a:", "a:0", "a:65536", "a:x", "::1:80", "[]:80", "a:-1", "a:+1", "a:١"])
    func refusesOtherHostsAndPorts(text: String) {
        #expect(HostAndPort(text) == nil)
    }
}
