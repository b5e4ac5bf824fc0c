import Testing
import WebSocketWire

private typealias Samples = HandshakeSamples

struct UpgradeResponseTests {
    private static let good = [Samples.upgrade, Samples.connection, Samples.accept]

    /// The result on the whole input; each shorter piece must be incomplete or already give that result.
    private static func result(_ bytes: [UInt8], offer: HandshakeOffer = Samples.offer) -> UpgradeResponse.Result {
        let whole = Samples.parse(bytes, offer: offer)
        for count in 0..<bytes.count {
            let early = Samples.parse(bytes.prefix(count), offer: offer)
            #expect(early == .incomplete || early == whole, "\(early) after \(count) bytes, \(whole) after all")
        }
        return whole
    }

    private static func result(
        _ lines: [String], status: String = "HTTP/1.1 101 Switching Protocols", offer: HandshakeOffer = Samples.offer
    ) -> UpgradeResponse.Result {
        result(Samples.head(lines, status: status), offer: offer)
    }

    private static let goodHeaders: [[String]] = [
        good,
        good.reversed(),
        ["UPGRADE: WebSocket", "connection: UPGRADE", "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
        ["Upgrade:websocket", "Connection:keep-alive,Upgrade", "Sec-WebSocket-Accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
        ["Upgrade:  websocket \t", "Connection: keep-alive , Upgrade", Samples.accept + " \t "],
        [Samples.upgrade, "Connection: keep-alive", "Connection: Upgrade", Samples.accept],
        good + ["Server: x", "Date: today", "X-Empty:", "X-Colons: a:b:c", "Sec-WebSocket-Extensions:"],
        good + ["Content-Length: 5"],
        ["Upgrade: ,websocket,", "Connection: ,,upgrade", Samples.accept],
    ]

    @Test(arguments: goodHeaders)
    func accepted(_ lines: [String]) {
        let head = Samples.head(lines)
        #expect(Self.result(head) == .accepted(headBytes: head.count, subprotocol: -1))
        let withFrame = head + [0x81, 1, 0x61]
        #expect(Self.result(withFrame) == .accepted(headBytes: head.count, subprotocol: -1))
        #expect(Self.result(head + [0, 10, 13, 32]) == .accepted(headBytes: head.count, subprotocol: -1))
    }

    @Test(arguments: ["HTTP/1.1 101", "HTTP/1.1 101 ", "HTTP/1.1 101 Web Socket Protocol Handshake", "HTTP/1.2 101 x"])
    func statusLines(_ status: String) {
        let head = Samples.head(Self.good, status: status)
        #expect(Self.result(head) == .accepted(headBytes: head.count, subprotocol: -1))
    }

    @Test func subprotocols() {
        for (index, name) in ["chat", "superchat"].enumerated() {
            let head = Samples.head(Self.good + ["Sec-WebSocket-Protocol: \(name)"])
            #expect(Self.result(head) == .accepted(headBytes: head.count, subprotocol: index))
        }
        for name in ["Chat", "cha", "chatt", "chat, superchat", "", "chatsuperchat"] {
            let result = Self.result(Self.good + ["Sec-WebSocket-Protocol: \(name)"])
            #expect(result == .invalid(.subprotocolNotOffered), "\(name)")
        }
        #expect(
            Self.result(Self.good + ["Sec-WebSocket-Protocol: chat"], offer: HandshakeOffer(subprotocols: []))
                == .invalid(.subprotocolNotOffered))
        #expect(
            Self.result(Self.good + ["Sec-WebSocket-Protocol: chat", "sec-websocket-protocol: chat"])
                == .invalid(.subprotocolRepeated))
    }

    private static let badHeaders: [([String], HandshakeViolation)] = [
        (["Connection: Upgrade", Samples.accept], .upgradeMissing),
        (["Upgrade:", Samples.connection, Samples.accept], .upgradeMissing),
        (["Upgrade: h2c", Samples.connection, Samples.accept], .upgradeNotWebSocket),
        (["Upgrade: websocket, h2c", Samples.connection, Samples.accept], .upgradeNotWebSocket),
        ([Samples.upgrade, "Upgrade: h2c", Samples.connection, Samples.accept], .upgradeNotWebSocket),
        (["Upgrade: websockets", Samples.connection, Samples.accept], .upgradeNotWebSocket),
        ([Samples.upgrade, Samples.accept], .connectionNotUpgrade),
        ([Samples.upgrade, "Connection: keep-alive, Upgraded", Samples.accept], .connectionNotUpgrade),
        ([Samples.upgrade, Samples.connection], .acceptMissing),
        ([Samples.upgrade, Samples.connection, "Sec-WebSocket-Accept:"], .acceptWrong),
        ([Samples.upgrade, Samples.connection, Samples.accept, Samples.accept], .acceptRepeated),
        ([Samples.upgrade, Samples.connection, "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="], .acceptWrong),
        ([Samples.upgrade, Samples.connection, Samples.accept + "="], .acceptWrong),
        (good + ["Sec-WebSocket-Extensions: permessage-deflate"], .unrequestedExtension),
        (good + [" folded"], .foldedHeader),
        (good + ["\tfolded"], .foldedHeader),
        ([" folded"], .foldedHeader),
        (good + ["no colon"], .malformedHeader),
        (good + [": no name"], .malformedHeader),
        (good + ["Space : before the colon"], .malformedHeader),
        (good + ["N\u{E4}me: x"], .malformedHeader),
        (good + ["X: a\nY: b"], .bareLineFeed),
        (good + ["X: a\rY: b"], .bareCarriageReturn),
        (good + ["X: a\0b"], .nulByte),
    ]

    @Test(arguments: badHeaders)
    func invalidHeaders(_ lines: [String], _ violation: HandshakeViolation) {
        #expect(Self.result(lines) == .invalid(violation))
    }

    private static let badStatusLines: [(String, HandshakeViolation)] = [
        ("HTTP/1.0 101 x", .versionNotSupported), ("HTTP/2 101", .notHTTP),
        ("HTTP/1.x 101", .malformedStatusLine),
        ("http/1.1 101 x", .notHTTP), ("SSH-2.0-OpenSSH_9.2", .notHTTP), ("HTTP/1.1 10", .malformedStatusLine),
        ("HTTP/1.1 1011 x", .malformedStatusLine), ("HTTP/1.1  101 x", .malformedStatusLine),
        ("HTTP/1.1 099 x", .malformedStatusLine),
        ("HTTP/1.1 600 x", .malformedStatusLine), ("HTTP/1.1 abc x", .malformedStatusLine),
        ("HTTP/1.11 101 x", .malformedStatusLine),
        ("", .notHTTP), ("HTTP/1.1 101 a\0", .nulByte), ("HTTP/1.1\t101 x", .malformedStatusLine),
    ]

    @Test(arguments: badStatusLines)
    func invalidStatusLines(_ status: String, _ violation: HandshakeViolation) {
        #expect(Self.result(Self.good, status: status) == .invalid(violation))
    }

    @Test func otherProtocolsAreSeenAtTheirFirstByte() {
        for greeting: [UInt8] in [
            Array("+OK".utf8), [0x15, 3, 1], [0, 0, 0x12], Array("\r\n".utf8), Array("HTTP/2".utf8),
        ] {
            let needed = greeting.starts(with: Array("HTTP/".utf8)) ? greeting.count : 1
            #expect(Samples.parse(greeting.prefix(needed)) == .invalid(.notHTTP))
        }
        #expect(Samples.parse(Array("HTTP/1.".utf8)) == .incomplete)
        #expect(Samples.parse([]) == .incomplete)
        #expect(
            UpgradeResponse.parse(UnsafeRawBufferPointer(start: nil, count: 0), key: Samples.key, offer: Samples.offer)
                == .incomplete)
    }

    @Test func headIsLimited() {
        let limit = UpgradeResponse.maxHeadBytes
        let bare = Samples.head(Self.good + ["X: "])
        let filled = { (count: Int) in
            Samples.head(Self.good + ["X: " + String(repeating: "x", count: count - bare.count)])
        }
        #expect(Samples.parse(filled(limit)) == .accepted(headBytes: limit, subprotocol: -1))
        #expect(Samples.parse(filled(limit) + [0x81]) == .accepted(headBytes: limit, subprotocol: -1))
        #expect(Samples.parse(filled(limit + 1)) == .invalid(.headTooLarge))
        #expect(Samples.parse(filled(limit + 1).prefix(limit - 1)) == .incomplete)
        #expect(Samples.parse(filled(limit + 1).prefix(limit)) == .invalid(.headTooLarge))
        let interim = Samples.head([], status: "HTTP/1.1 103 Early Hints")
        let flood = Array(repeatElement(interim, count: limit / interim.count + 1).joined())
        #expect(Samples.parse(flood) == .invalid(.headTooLarge))
    }

    private static let refusals: [(String, [String], Int, Int?)] = [
        ("HTTP/1.1 401 Unauthorized", ["Content-Length: 4"], 401, 4), ("HTTP/1.1 503 Busy", [], 503, nil),
        ("HTTP/1.0 503 Busy", ["Content-Length: 0"], 503, 0),
        ("HTTP/1.1 200 OK", ["content-length:  12 "], 200, 12),
        ("HTTP/1.1 302 Found", ["Location: /x", "Transfer-Encoding: chunked", "Content-Length: 3"], 302, nil),
        ("HTTP/1.1 404 x", ["Content-Length: 3", "Content-Length: 3"], 404, 3),
        ("HTTP/1.1 404 x", ["Content-Length: 3", "Content-Length: 4"], 404, nil),
        ("HTTP/1.1 404 x", ["Content-Length: -1"], 404, nil), ("HTTP/1.1 404 x", ["Content-Length:"], 404, nil),
        ("HTTP/1.1 404 x", ["Content-Length: 99999999999999999999"], 404, nil), ("HTTP/1.1 204 None", [], 204, 0),
        ("HTTP/1.1 426 Upgrade Required", ["Upgrade: websocket", "Sec-WebSocket-Version: 13"], 426, nil),
    ]

    @Test(arguments: refusals)
    func rejected(_ status: String, _ lines: [String], _ code: Int, _ bodyBytes: Int?) {
        let head = Samples.head(lines, status: status)
        let expected = UpgradeResponse.Result.rejected(status: code, headBytes: head.count, bodyBytes: bodyBytes)
        #expect(Self.result(head) == expected)
        #expect(Self.result(head + Array("body\n".utf8)) == expected)
    }

    @Test func interimResponsesAreSkipped() {
        let interim =
            Samples.head([], status: "HTTP/1.1 100 Continue")
            + Samples.head(["Link: </a>", "Sec-WebSocket-Accept: x"], status: "HTTP/1.1 103 Early Hints")
        let head = interim + Samples.head(Self.good)
        #expect(Self.result(head) == .accepted(headBytes: head.count, subprotocol: -1))
        let refusal = interim + Samples.head([], status: "HTTP/1.1 403 Forbidden")
        #expect(Self.result(refusal) == .rejected(status: 403, headBytes: refusal.count, bodyBytes: nil))
        #expect(refusal.withUnsafeBytes(UpgradeResponse.statusReason) == "Forbidden")
        #expect(Self.result(interim + Array("garbage".utf8)) == .invalid(.notHTTP))
    }

    private static let reasons: [(String, String)] = [
        ("HTTP/1.1 404 Not Found", "Not Found"), ("HTTP/1.1 404 ", ""), ("HTTP/1.1 404", ""),
        ("HTTP/1.1 404 \u{1B}[31mred", "?[31mred"), ("garbage", ""),
    ]

    @Test(arguments: reasons)
    func statusReason(_ status: String, _ reason: String) {
        #expect(Samples.head([], status: status).withUnsafeBytes(UpgradeResponse.statusReason) == reason)
    }

    @Test func slugsAndDescriptionsAreDistinct() {
        #expect(Set(HandshakeViolation.allCases.map(\.slug)).count == HandshakeViolation.allCases.count)
        #expect(Set(HandshakeViolation.allCases.map(\.description)).count == HandshakeViolation.allCases.count)
        #expect(
            HandshakeViolation.allCases.allSatisfy { $0.slug.utf8.allSatisfy { $0 == 95 || (97...122).contains($0) } })
    }
}
