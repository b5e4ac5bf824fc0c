import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

extension GatewayTests {
    /// Every recorded handshake, answered with the same status, header fields and body.
    @Test(arguments: OpenIMVersion.allCases)
    func handshakesAreAnsweredAsTheRealGatewayDoes(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, _ in
            try await withOpenIMGateway(version) {
                $0.openIM?.connectionLimit = 0
            } _: { fullGateway, _ in
                var count = 0
                for recorded in OpenIMVectors.all.handshakeResponses where recorded.version == version {
                    let port = recorded.case == "over-max-conn" ? fullGateway.port : gateway.port
                    try await expect(recorded, port: port)
                    count += 1
                }
                #expect(count >= 11)
            }
        }
    }

    private func expect(_ recorded: OpenIMVectors.Handshake, port: Int) async throws {
        let raw = try RawClient(port: port)
        let request =
            switch recorded.case {
            case "no-args": OpenIMClient.request("/")
            case "no-token": OpenIMClient.request("/?sendID=u&platformID=1&operationID=o")
            case "no-platform": OpenIMClient.request("/?sendID=u&token=u:1&operationID=o")
            case "platform-not-int": OpenIMClient.request("/?sendID=u&token=u:1&platformID=x")
            case "bad-token": OpenIMClient.request("/?sendID=u&token=bad&platformID=1")
            case "kicked-token": OpenIMClient.request("/?sendID=u&token=kicked&platformID=1")
            case "no-upgrade": "GET \(OpenIMClient.target("u", 1)) HTTP/1.1\r\nHost: gateway\r\n\r\n"
            case "bad-version":
                OpenIMClient.request(OpenIMClient.target("u", 1)).replacing("Version: 13", with: "Version: 12")
            case "bad-token-isMsgResp": OpenIMClient.request("/?sendID=u&token=bad&platformID=1&isMsgResp=true")
            case "bad-sdkType": OpenIMClient.request(OpenIMClient.target("u", 1, "&sdkType=swift"))
            case "platform-unknown" where recorded.version == .v3_5_1:
                // Its harness did not compare the token's platform.
                OpenIMClient.request(OpenIMClient.target("u", 99))
            case "platform-unknown": OpenIMClient.request("/?sendID=u&token=u:1&platformID=99")
            default: OpenIMClient.request(OpenIMClient.target("u", 1))
            }
        try await raw.send(request)
        let comment = Comment(rawValue: "\(recorded.gateway) \(recorded.case)")
        let lines = try await raw.readHead().split(separator: "\r\n").map(String.init)
        #expect(lines.first == recorded.status, comment)
        let headers = lines.dropFirst().filter { !$0.hasPrefix("Date: ") }
        if recorded.headers.contains(where: { $0.hasPrefix("Content-Length: ") }) || recorded.status.contains(" 101 ") {
            #expect(Array(headers) == recorded.headers, comment)
        } else {
            #expect(headers.first == recorded.headers.first, comment)
        }
        if recorded.case == "bad-token-isMsgResp" {
            #expect(
                try await raw.readFrame() == RawClient.Frame(head: 0x81, payload: Array(recorded.body.utf8)), comment)
            #expect(try await raw.readToEnd() == [], comment)
        } else if !recorded.status.contains(" 101 ") {
            // A line's end behind it is not recorded.
            let body = try await raw.read(recorded.body.utf8.count)
            #expect(String(decoding: body, as: UTF8.self) == recorded.body, comment)
        }
    }

    @Test(arguments: OpenIMVersion.allCases)
    func refusedHandshakesMayBeTriedAgainOnTheirConnection(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, service in
            let raw = try RawClient(port: gateway.port)
            // All in one piece; the path does not matter, what the names of other paths say neither.
            let targets = [
                "/healthz", "/?sendID=v&token=u:1&platformID=1", "/?sendID=u&token=u:1&platformID=2",
                "/?sendID=u&token=unknown&platformID=1", "/?sendID=u;&sendID=&token=u:1&platformID=1",
                "/?sendID=%zz&token=u:1&platformID=1",
            ]
            try await raw.send(targets.map { OpenIMClient.request($0) }.joined())
            for code in [1602, 1502, 1502, 1507, 1602, 1602] {
                let head = try await raw.readHead()
                let length = try #require(head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) })
                let body = String(decoding: try await raw.read(length), as: UTF8.self)
                #expect(body.hasPrefix("{\"errCode\":\(code),"), "\(body)")
            }
            try await raw.send(OpenIMClient.request("/any/path?sendID=%75&token=u:1&platformID=1&sendID=v"))
            #expect(try await raw.readHead().hasPrefix("HTTP/1.1 101 "))
            #expect(gateway.status.sum(\.handshakesRefused) == 6)
            #expect(service.calls.filter { $0 == .checkToken("u:1") }.count == 3)
        }
    }

    @Test func handshakesWithoutAServiceAreRefused() async throws {
        for version in OpenIMVersion.allCases {
            try await withOpenIMGateway(version) { gateway, service in
                try await service.close()
                let raw = try RawClient(port: gateway.port)
                try await raw.send(OpenIMClient.request(OpenIMClient.target("u", 1)))
                #expect(try await raw.readHead().hasPrefix("HTTP/1.1 200 OK"))
                let start = "{\"errCode\":\(version == .v3_5_1 ? 500 : 14),"
                #expect(try await raw.read(start.utf8.count) == Array(start.utf8))
            }
        }
    }

    @Test func theResultComesAsTheFirstMessageForWhoAsks() async throws {
        try await withOpenIMGateway(.v3_8_3) { gateway, _ in
            let client = try await OpenIMClient.connected(to: gateway, .v3_8_3, user: "u", "&isMsgResp=1")
            let text = #"{"errCode":0,"errMsg":"","errDlt":""}"#
            #expect(try await client.raw.readFrame() == RawClient.Frame(head: 0x81, payload: Array(text.utf8)))
            try await client.ask(1001, data: "x")
            try await client.expect(1001, data: "1001:x")
        }
        try await withOpenIMGateway(.v3_5_1) { gateway, _ in
            let client = try await OpenIMClient.connected(to: gateway, .v3_5_1, user: "u", "&isMsgResp=true")
            try await client.ask(1001, data: "x")
            try await client.expect(1001, data: "1001:x")
        }
    }

    @Test func openIMNeedsAService() {
        var configuration = GatewayConfiguration()
        configuration.openIM = OpenIMConfiguration()
        #expect(throws: GatewayError.self) { try configuration.validate() }
        configuration.messageService = "127.0.0.1:1"
        #expect(throws: Never.self) { try configuration.validate() }
        configuration.openIM?.readTimeout = .zero
        #expect(throws: GatewayError.self) { try configuration.validate() }
    }
}

@Suite struct OpenIMQueryTests {
    @Test func queries() throws {
        func query(_ more: String, _ version: OpenIMVersion = .v3_8_3, header: String? = nil) -> OpenIMQuery? {
            OpenIMQuery(
                target: "/x?sendID=a%20b+c&token=t%2B&platformID=5\(more)",
                headers: header.map { ["compression": $0] } ?? [:], version: version)
        }
        let plain = try #require(query(""))
        #expect((plain.user, plain.token, plain.platform) == ("a b c", "t+", 5))
        #expect(plain.encoding == OpenIMEncoding(text: .gob(typeID: 64), isCompressed: false))
        #expect(query("", .v3_5_1)?.encoding.text == .gob(typeID: 65))
        #expect(query("&sdkType=js&compression=gzip")?.encoding == OpenIMEncoding(text: .json, isCompressed: true))
        #expect(query("&sdkType=js", .v3_5_1)?.encoding.text == .gob(typeID: 65))
        #expect(query("", header: "gzip")?.encoding.isCompressed == true)
        #expect(query("&compression=zip", header: "zip")?.encoding.isCompressed == false)
        #expect(query("&sdkType=")?.encoding.text == .gob(typeID: 64))
        #expect(query("&sdkType=JS") == nil)
        for (value, wants) in [("T", true), ("True", true), ("1", true), ("yes", false), ("0", false), ("", false)] {
            #expect(query("&isMsgResp=\(value)")?.wantsResultAsMessage == wants)
        }
        #expect(query("&isMsgResp=true", .v3_5_1)?.wantsResultAsMessage == false)
        #expect(OpenIMQuery.fields(of: "/?a=1&a=2&b&%63=%64&e=%f&g=1;2&=h") == ["a": "1", "b": "", "c": "d", "": "h"])
        #expect(OpenIMQuery.fields(of: "/") == [:])
    }

    @Test func loginRules() {
        func rule(_ policy: OpenIMLoginPolicy, _ platform: Int32, _ version: OpenIMVersion) -> OpenIMLoginRule {
            var configuration = OpenIMConfiguration()
            configuration.version = version
            configuration.loginPolicy = policy
            return OpenIMLoginRule(user: "u", platform: platform, configuration)
        }
        for version in OpenIMVersion.allCases {
            for platform in Int32(0)...11 {
                #expect(rule(.keepAll, platform, version).policy == .allowAll)
                #expect(rule(.kickSamePlatform, platform, version).account == "u/\(platform)")
                #expect(rule(.kickSamePlatform, platform, version).policy == .kickOlder)
                let isComputer = [3, 4, 7].contains(platform)
                #expect((rule(.computerAndOther, platform, version).policy == .allowAll) == isComputer)
                #expect((rule(.kickSameClass, platform, version).policy == .kickOlder) == (version == .v3_8_3))
            }
        }
        #expect(rule(.kickSameClass, 3, .v3_8_3) == rule(.kickSameClass, 7, .v3_8_3))
        #expect(rule(.kickSameClass, 5, .v3_8_3) != rule(.kickSameClass, 6, .v3_8_3))
    }

    @Test func dates() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
