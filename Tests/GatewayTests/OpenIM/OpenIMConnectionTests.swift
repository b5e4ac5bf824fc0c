import NIOCore
import Testing

@testable import Gateway

extension GatewayTests {
    /// What a frame does to its connection.
    enum Ending: Sendable {
        case answered
        case cut
        case closed(Int)
    }

    @Test(arguments: OpenIMVersion.allCases)
    func requestsAreAnsweredInOrder(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, version, user: "u", platform: 2)
            for number in 0..<20 {
                try await client.ask(1003, operationID: "o\(number)", msgIncr: "m\(number)", data: "\(number)")
                try await client.raw.send(RawClient.frame(.ping, "p"))
            }
            for number in 0..<20 {
                try await client.expect(
                    1003, msgIncr: "m\(number)", operationID: "o\(number)", data: "1003:\(number)")
                #expect(try await client.raw.readFrame().opcode == 0xa)
            }
            try await client.ask(1002, data: "refuse")
            try await client.expect(1002, errorCode: 1001, errorMessage: "ArgsError")
            let expected = ServiceCall.perform(
                identifier: 1002, user: "u", platform: 2, operationID: "op", data: ByteBuffer(string: "refuse"))
            #expect(service.calls.last == expected)
            try await client.raw.send(RawClient.close(1000))
            #expect(try await client.raw.readFrame().closeCode == 1000)
            #expect(try await client.raw.readToEnd() == [])
            try await expectEmpty(gateway)
        }
    }

    /// What real clients have sent gets an answer in their own encoding.
    @Test(arguments: OpenIMVersion.allCases)
    func framesOfRealClientsAreAnswered(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, _ in
            let gzip = GzipCodec()
            for captured in OpenIMVectors.all.capturedFrames
            where captured.direction == "c2s" && captured.gateway == "v\(version.rawValue)" {
                var more = captured.encoding.hasPrefix("json") ? "&sdkType=js" : ""
                if captured.encoding.hasSuffix("gzip") { more += "&compression=gzip" }
                let client = try await OpenIMClient.admitted(to: gateway, version, user: "probe1", more)
                try await client.send(GoFrames.bytes(captured.hex))
                let frame = try await client.raw.readFrame()
                #expect(frame.head == 0x82)
                var payload = ByteBuffer(bytes: frame.payload)
                if captured.encoding.hasSuffix("gzip") { payload = try gzip.inflate(payload) }
                if captured.encoding.hasPrefix("json") {
                    #expect(String(buffer: payload).hasPrefix(#"{"reqIdentifier":1003,"msgIncr":"#))
                } else {
                    #expect(try GobRequest.decode(payload).identifier == 1003)
                }
                client.raw.close()
            }
        }
    }

    /// Each kind of frame, and what becomes of the connection in 3.5.1 and 3.8.3.
    @Test(arguments: OpenIMVersion.allCases)
    func whatEndsAConnection(version: OpenIMVersion) async throws {
        typealias Frame = RawClient
        let isOld = version == .v3_5_1
        func request(_ identifier: Int) -> [UInt8] {
            Frame.frame(head: 0x82, payload: GoFrames.request(identifier, from: "u"))
        }
        func binary(_ payload: [UInt8]) -> [UInt8] { Frame.frame(head: 0x82, payload: payload) }
        let cases: [(String, [UInt8], Ending)] = [
            ("no gob", binary([1, 2, 3]), .cut),
            ("empty", binary([]), .cut),
            ("gzip unasked", binary([0x1f, 0x8b, 8, 0]), .cut),
            ("another's request", binary(GoFrames.request(1001, from: "v")), .cut),
            ("text", Frame.frame(.text, "hello"), .cut),
            ("bad UTF-8", Frame.frame(head: 0x81, payload: [0xff]), .cut),
            ("text ping", Frame.frame(.text, #"{"type":"ping"}"#), isOld ? .cut : .answered),
            ("text pong", Frame.frame(.text, #"{"type":"pong"}"#) + request(1001), isOld ? .cut : .answered),
            ("unknown", request(1008), .cut), ("push", request(2001), .cut), ("zero", request(0), .cut),
            ("1004", request(1004), .answered), ("1005", request(1005), isOld ? .cut : .answered),
            ("1006", request(1006), isOld ? .cut : .answered), ("1007", request(1007), isOld ? .cut : .answered),
            ("2005", request(2005), isOld ? .cut : .answered),
            ("largest", binary(padded(51_200)), .answered), ("too large", binary(padded(51_201)), .closed(1009)),
            ("unmasked", Frame.frame(head: 0x82, payload: [1], isMasked: false), .closed(1002)),
            ("reserved opcode", Frame.frame(head: 0x83, payload: [1]), .closed(1002)),
            ("reserved bit", Frame.frame(head: 0xc2, payload: [1]), .closed(1002)),
            ("nothing to continue", Frame.frame(.continuation, "x"), .closed(1002)),
            ("long ping", Frame.frame(head: 0x89, payload: [UInt8](repeating: 0, count: 126)), .closed(1002)),
        ]
        try await withOpenIMGateway(version) { gateway, _ in
            for (name, frame, ending) in cases {
                let client = try await OpenIMClient.admitted(to: gateway, version, user: "u")
                try await client.raw.send(frame)
                switch ending {
                case .answered:
                    #expect(try await client.raw.readFrame().opcode != 8, "\(name)")
                case .cut:
                    #expect(try await client.raw.readToEnd() == [], "\(name)")
                case .closed(let code):
                    let close = try await client.raw.readFrame()
                    #expect(close.closeCode == code, "\(name)")
                    #expect((close.payload.count == 2) == (code == 1009), "\(name)")
                    client.raw.finishSending()
                    #expect(try await client.raw.readToEnd() == [], "\(name)")
                }
                client.raw.close()
            }
            try await expectEmpty(gateway)
        }
    }

    /// A request whose frame has so many bytes.
    private func padded(_ bytes: Int) -> [UInt8] {
        var count = bytes
        while true {
            let request = GoFrames.request(1003, from: "u", data: [UInt8](repeating: 65, count: count))
            if request.count <= bytes { return request + [UInt8](repeating: 0, count: bytes - request.count) }
            count -= request.count - bytes
        }
    }

    @Test(arguments: OpenIMVersion.allCases)
    func requestsWithoutAnOperationID(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, version, user: "u")
            try await client.ask(1003, operationID: "", data: "x")
            if version == .v3_5_1 {
                try await client.expect(1003, operationID: "", errorCode: 3, errorMessage: "operationID error")
            } else {
                try await client.expect(1003, operationID: "", data: "1003:x")
            }
            for identifier in version == .v3_5_1 ? [1002, 2004] : [1002, 1005, 1006, 2004] {
                try await client.ask(identifier, operationID: "")
                try await client.expect(
                    identifier, operationID: "", errorCode: 500, errorMessage: "operationID is required")
            }
            try await client.ask(1004)
            try await client.expect(1004, errorCode: 1001, errorMessage: "ArgsError")
            let performed = service.calls.filter { if case .perform = $0 { true } else { false } }
            #expect(performed.count == (version == .v3_5_1 ? 0 : 1))
        }
    }

    @Test(arguments: OpenIMVersion.allCases)
    func aLogoutIsAnsweredAndEndsTheConnection(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, version, user: "u")
            try await client.ask(2003, msgIncr: "bye")
            try await client.expect(2003, msgIncr: "bye")
            #expect(try await client.raw.readToEnd() == [])
            try await eventually("told", state: { "\(service.calls)" }) {
                service.calls.suffix(2) == [
                    .loggedIn(user: "u", platform: 1, token: "u:1", kicksOtherTokens: false),
                    .loggedOut(user: "u", platform: 1),
                ]
            }
            try await expectEmpty(gateway)
            #expect(metric("online_user_num", in: gateway.status.metrics()) == 0)
        }
    }

    @Test func aServiceThatDoesNotAnswer() async throws {
        try await withOpenIMGateway(.v3_8_3) { gateway, service in
            let client = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u")
            service.fallSilent()
            try await client.ask(1001)
            try await client.raw.send(RawClient.frame(.ping, "later"))
            try await eventually("asked", of: gateway) {
                service.calls.contains { if case .perform = $0 { true } else { false } }
            }
            let other = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "v")
            try await Task.sleep(for: .milliseconds(200))
            // PINGs wait for the request before them.
            #expect(client.raw.poll() == nil)
            other.raw.close()
            client.raw.close()
        }
    }

    // MARK: Deadlines

    @Test(arguments: OpenIMVersion.allCases)
    func connectionsThatSendNothingEnd(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) {
            $0.openIM?.readTimeout = .seconds(2)
        } _: { gateway, _ in
            let idle = try await OpenIMClient.admitted(to: gateway, version, user: "idle")
            let busy = try await OpenIMClient.admitted(to: gateway, version, user: "busy")
            // A PONG counts in 3.8.3 alone.
            let pongs = try await OpenIMClient.admitted(to: gateway, version, user: "pongs")
            let opened = ContinuousClock.now
            while ContinuousClock.now < opened + .seconds(4) {
                try await busy.raw.send(RawClient.frame(.ping, ""))
                try? await pongs.raw.send(RawClient.frame(.pong, ""))
                #expect(try await busy.raw.readFrame().opcode == 0xa)
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(gateway.status.connections == (version == .v3_5_1 ? 1 : 2))
            #expect(try await idle.raw.readToEnd() == [])
            if version == .v3_5_1 {
                #expect(try await pongs.raw.readToEnd() == [])
            } else {
                try await pongs.ask(1001)
                try await pongs.expect(1001, data: "1001:")
            }
        }
    }

    @Test func browsersArePinged() async throws {
        for version in OpenIMVersion.allCases {
            try await withOpenIMGateway(version) {
                $0.openIM?.pingInterval = .milliseconds(100)
            } _: { gateway, _ in
                let phone = try await OpenIMClient.admitted(to: gateway, version, user: "u", platform: 1)
                let browser = try await OpenIMClient.admitted(to: gateway, version, user: "u", platform: 5)
                if version == .v3_8_3 {
                    for _ in 0..<2 {
                        #expect(try await browser.raw.readFrame() == RawClient.Frame(head: 0x89, payload: []))
                    }
                } else {
                    try await Task.sleep(for: .milliseconds(600))
                    #expect(browser.raw.poll() == nil)
                }
                #expect(phone.raw.poll() == nil)
            }
        }
    }
}
