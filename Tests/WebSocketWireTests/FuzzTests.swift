import Testing
import WebSocketWire

/// Mutated inputs against both parsers; `GATECRASH_FUZZ_INPUTS` and `GATECRASH_FUZZ_SEED` set how many and which.
///
/// Input *n* depends on the seed and *n* alone. The first input that fails ends its test and is printed.
struct FuzzTests {
    private static let frameWords: [[UInt8]] = [
        [0x81, 126], [0x82, 127], [0x80, 0], [0x00, 0], [0x01, 1, 0xE2], [0x88, 2, 3, 0xE8], [0x88, 1], [0x89, 125],
        [0x8A, 126],
        [0x82, 126, 0, 126], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], [0x82, 127, 0xFF], [0xC1], [0x83], [0x09],
        [0x81, 0x85],
        [0xED, 0xA0, 0x80], [0xF4, 0x90], [0xF0, 0x9F, 0x98, 0x80], [0xC0, 0x80], [0xFF],
    ]

    @Test func framesAgreeWithTheReferenceAtEveryCut() {
        var mutatedViolations = 0
        for index in 0..<TestSettings.fuzzInputs {
            var random = TestRandom(seed: TestSettings.seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
            let longest = random.oneIn(16) ? 400 : 24
            var stream = ServerStream.random(messages: 1 + random.below(3), longest: longest, using: &random).bytes
            stream = StreamMutator.mutate(stream, dictionary: Self.frameWords, using: &random)
            let limit = [24, 200, 1 << 20][random.below(3)]
            let cuts = StreamMutator.cuts(of: stream.count, using: &random)
            do {
                let whole = try Transcript.of(stream, maxMessageBytes: limit)
                let inPieces = try Transcript.of(stream, cuts: cuts, maxMessageBytes: limit)
                let expected = ReferenceReader.read(stream, maxMessageBytes: limit)
                if case .violation = whole.last { mutatedViolations += 1 }
                if whole == expected, inPieces == expected { continue }
                Issue.record(
                    "input \(index), seed \(TestSettings.seed), limit \(limit), cuts \(cuts): \(stream) gives \(whole), in pieces \(inPieces), expected \(expected)"
                )
            } catch {
                Issue.record(
                    "input \(index), seed \(TestSettings.seed), limit \(limit), cuts \(cuts): \(stream): \(error)")
            }
            return
        }
        // A mutator that broke nothing, or everything, would prove little.
        if TestSettings.fuzzInputs >= 1_000 {
            let range = (TestSettings.fuzzInputs / 10)...(TestSettings.fuzzInputs * 19 / 20)
            #expect(range.contains(mutatedViolations))
        }
    }

    private static let headWords = [
        "\r\n", "\r", "\n", "\0", " ", "\t", ":", ",", "HTTP/1.1 101 x\r\n", "HTTP/1.0",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 403 No", "Upgrade: websocket\r\n", "Connection: close\r\n", "Connection: Upgrade\r\n",
        "Content-Length: 7\r\n",
        "Content-Length: 999999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "Sec-WebSocket-Accept: x\r\n",
        "Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Extensions: x\r\n", "\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let heads: [[UInt8]] = {
        let good = [HandshakeSamples.upgrade, HandshakeSamples.connection, HandshakeSamples.accept]
        return [
            HandshakeSamples.head(good),
            HandshakeSamples.head(good + ["Sec-WebSocket-Protocol: superchat", "Server: x"]),
            HandshakeSamples.head(good) + [0x81, 2, 0x68, 0x69],
            HandshakeSamples.head([], status: "HTTP/1.1 103 Early") + HandshakeSamples.head(good),
            HandshakeSamples.head(["Content-Length: 4"], status: "HTTP/1.1 401 Unauthorized") + Array("body".utf8),
        ]
    }()

    @Test func responsesAreJudgedTheSameAtEveryCut() {
        var accepted = 0
        for index in 0..<TestSettings.fuzzInputs {
            var random = TestRandom(seed: ~TestSettings.seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
            let head = Self.heads[random.below(Self.heads.count)]
            let input = StreamMutator.mutate(head, dictionary: Self.headWords, using: &random)
            let whole = HandshakeSamples.parse(input)
            var problem = Self.problem(whole, input)
            for cut in StreamMutator.cuts(of: input.count, using: &random) {
                let early = HandshakeSamples.parse(input.prefix(cut))
                if early != .incomplete, early != whole { problem = "\(early) after \(cut) bytes" }
            }
            if case .accepted = whole { accepted += 1 }
            if let problem {
                Issue.record(
                    "input \(index), seed \(TestSettings.seed): \(String(decoding: input, as: UTF8.self).debugDescription) gives \(whole): \(problem)"
                )
                return
            }
        }
        if TestSettings.fuzzInputs >= 1_000 { #expect(accepted > TestSettings.fuzzInputs / 100) }
    }

    /// What is wrong with the verdict, judged by plain search; nil when nothing is.
    private static func problem(_ result: UpgradeResponse.Result, _ input: [UInt8]) -> String? {
        switch result {
        case .incomplete, .invalid: return nil
        case .rejected(let status, let headBytes, let bodyBytes):
            guard (200...599).contains(status), bodyBytes ?? 0 >= 0 else { return "status or body length" }
            return endsHead(input, headBytes) ? nil : "the head does not end there"
        case .accepted(let headBytes, let subprotocol):
            guard (-1...1).contains(subprotocol) else { return "sub-protocol \(subprotocol)" }
            guard endsHead(input, headBytes) else { return "the head does not end there" }
            let head = String(decoding: input[..<headBytes], as: UTF8.self)
            let mustHold = [" 101", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]
            guard mustHold.allSatisfy(head.contains) else { return "accepted without \(mustHold)" }
            guard !head.unicodeScalars.contains("\0") else { return "accepted with NUL" }
            let offered = subprotocol < 0 ? nil : ["chat", "superchat"][subprotocol]
            return offered.map(head.contains) ?? true ? nil : "accepted a sub-protocol that is not there"
        }
    }

    private static func endsHead(_ input: [UInt8], _ headBytes: Int) -> Bool {
        headBytes <= input.count && input[..<headBytes].suffix(4).elementsEqual([13, 10, 13, 10])
    }
}
