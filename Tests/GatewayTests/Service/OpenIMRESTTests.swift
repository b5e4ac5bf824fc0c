import Foundation
import HTTPHosting
import Testing

@testable import Gateway

extension GatewayTests {
    @Suite struct OpenIMRESTTests {
        private static let both: [OpenIMVersion] = [.v3_5_1, .v3_8_3]

        @Test func bodiesAreThoseOfTheVersions() async throws {
            try await OpenIMBackend.with(.v3_5_1) { (backend: OpenIMBackend) async throws in
                let missing = try await backend.call("/auth/user_token", "{}", operationID: nil)
                #expect(missing.status == 200)
                #expect(missing.headers.contains("content-type: application/json; charset=utf-8"))
                #expect(
                    missing.body
                        == #"{"errCode":1001,"errMsg":"ArgsError","errDlt":"the header operationID is missing: 1001 ArgsError"}"#
                )
                #expect(try await backend.register(["a"]).body == #"{"errCode":0,"errMsg":"","errDlt":""}"#)
                let bad = try await backend.call("/auth/user_token", "{")
                #expect(bad.status == 400 && bad.code == 1001)
                let unknown = try await backend.call("/auth/get_admin_token", "{}")
                #expect(unknown.status == 404 && unknown.body == "404 page not found")
                #expect(try await backend.call("/prometheus_discovery/msg_gateway", method: "GET").status == 404)
            }
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                #expect(try await backend.call("/auth/user_token", "{}").code == 1001)
                let admin = try await backend.adminToken()
                #expect(try await backend.call("/auth/user_token", "{}", token: admin).status == 404)
                let bad = try await backend.call("/user/user_register", "[", token: admin)
                #expect(bad.status == 200 && bad.code == 1001)
                #expect(try await backend.call("/msg/send_msg", "[", token: admin).status == 400)
                #expect(try await backend.call("/prometheus_discovery/msg_gateway", method: "GET").body == "[]")
                backend.service.takeInput(#"{"gatewayMetrics":["127.0.0.1:9"]}"#)
                #expect(
                    try await backend.call("/prometheus_discovery/msg_gateway", method: "GET").body
                        == #"[{"targets":["127.0.0.1:9"],"labels":{"namespace":"default"}}]"#)
            }
        }

        @Test(arguments: both)
        func registrationHasItsRules(version: OpenIMVersion) async throws {
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                #expect(try await backend.register(["u1", "u2"]).code == 0)
                #expect(try await backend.register(["u3", "u1"]).code == 1102)
                #expect(try await backend.register([]).code == 1001)
                #expect(try await backend.register(["u4", "u4"]).code == 1001)
                #expect(try await backend.register(["u:4"]).code == 1001)
                #expect(try await backend.register(["u-4"]).code == (version == .v3_5_1 ? 0 : 1001))
                #expect(try await backend.register([""]).code == 1001)
                let admin = try await backend.adminToken()
                let nameless = #"{"secret":"openIM123","users":[{"userID":"u9"}]}"#
                #expect(try await backend.call("/user/user_register", nameless, token: admin).code == 1001)
                let check = try await backend.call(
                    "/user/account_check", #"{"checkUserIDs":["u1","u3"]}"#, token: admin)
                let states = version == .v3_5_1 ? [#""registered""#, #""unregistered""#] : ["1", "0"]
                #expect(
                    check.body.hasSuffix(
                        #""data":{"results":[{"userID":"u1","accountStatus":\#(states[0])},{"userID":"u3","accountStatus":\#(states[1])}]}}"#
                    ), "\(check.body)")
                #expect(
                    try await backend.call("/user/account_check", #"{"checkUserIDs":["u1","u1"]}"#, token: admin).code
                        == 1001)
                #expect(try await backend.call("/user/account_check", #"{"checkUserIDs":["u1"]}"#).code == 1001)
                let plain = try #require(try await backend.userToken("u1").data["token"] as? String)
                #expect(
                    try await backend.call("/user/account_check", #"{"checkUserIDs":["u1"]}"#, token: plain).code
                        == 1002)
            }
        }

        @Test func wrongSecretsAndAccountsAreRefused() async throws {
            try await OpenIMBackend.with(.v3_5_1) { (backend: OpenIMBackend) async throws in
                #expect(
                    try await backend.call(
                        "/user/user_register", #"{"secret":"x","users":[{"userID":"a","nickname":"n"}]}"#
                    ).code
                        == 1002)
                #expect(
                    try await backend.call("/auth/user_token", #"{"secret":"x","platformID":1,"userID":"a"}"#).code
                        == 1002)
                #expect(try await backend.userToken("nobody").code == 1101)
                #expect(try await backend.userToken("openIMAdmin", platform: 11).code == 1001)
                #expect(
                    try await backend.call("/auth/force_logout", #"{"platformID":1,"userID":"a"}"#, token: "garbage")
                        .code
                        == 1505)
            }
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                #expect(
                    try await backend.call("/auth/get_admin_token", #"{"secret":"x","userID":"imAdmin"}"#).code == 1002)
                #expect(
                    try await backend.call("/auth/get_admin_token", #"{"secret":"openIM123","userID":"u"}"#).code
                        == 1001)
                #expect(try await backend.userToken("nobody").code == 1101)
                #expect(try await backend.userToken("imAdmin").code == 1002)
                #expect(try await backend.userToken("u", platform: 10).code == 1002)
                #expect(try await backend.call("/msg/newest_seq", "{}", token: "garbage").code == 1503)
            }
        }

        @Test(arguments: both)
        func tokensAreParsedAndTakenAway(version: OpenIMVersion) async throws {
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1"])
                let given = try await backend.userToken("u1", platform: 2)
                #expect(given.data["expireTimeSeconds"] as? Int == 7_776_000)
                let token = try #require(given.data["token"] as? String)
                let parsed = try await backend.call("/auth/parse_token", #"{"token":"\#(token)"}"#)
                #expect(parsed.data["userID"] as? String == "u1")
                if version == .v3_5_1 {
                    #expect(parsed.data["platform"] as? String == "Android")
                } else {
                    #expect(parsed.data["platformID"] as? Int == 2)
                }
                let minted = AccessToken(
                    userID: "u1", platform: 1, expires: WallClock.seconds + 50, issued: WallClock.seconds
                )
                .text(version, signedBy: HMACSHA256(key: Array(backend.secret.utf8)))
                #expect(try await backend.call("/auth/parse_token", #"{"token":"\#(minted)"}"#).code == 1507)
                let admin = try await backend.adminToken()
                let out = try await backend.call(
                    "/auth/force_logout", #"{"platformID":2,"userID":"u1"}"#, token: admin)
                #expect(out.body == #"{"errCode":0,"errMsg":"","errDlt":""}"#)
                let after = try await backend.call("/auth/parse_token", #"{"token":"\#(token)"}"#)
                #expect(after.code == (version == .v3_5_1 ? 0 : 1506))
            }
        }

        @Test func metricsHaveOpenIMsNames() async throws {
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["a", "b"])
                let metrics = try await httpGet("/metrics", port: backend.service.apiPort)
                #expect(metric("user_register_total", in: metrics) == 2)
                #expect(metric("user_login_total", in: metrics) == 1)
                #expect(metric("single_chat_msg_process_success_total", in: metrics) == 0)
            }
        }

        /// Random bytes and cut bodies on every route: an answer each, never a trap.
        @Test(arguments: both)
        func hostileBodiesAreAnswered(version: OpenIMVersion) async throws {
            let seed = UInt64(ProcessInfo.processInfo.environment["GATECRASH_SEED"] ?? "") ?? 7
            var random = SplitMix64(seed: seed)
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                let admin = try await backend.adminToken()
                let openIM = try #require(backend.service.handler.openIM)
                let api = RESTAPI(service: openIM)
                let whole = Array(
                    #"{"userID":"u","platformID":1,"userIDs":["a"],"seqRanges":[{"conversationID":"c","begin":-9223372036854775808,"end":9223372036854775807,"num":1}],"users":[{}],"content":{"a":[1]},"contentType":101,"sessionType":1,"sendID":"x"}"#
                        .utf8)
                for round in 0..<4000 {
                    var body = whole
                    for _ in 0..<Int.random(in: 0...4, using: &random) {
                        body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                    }
                    if Bool.random(using: &random) { body.removeLast(Int.random(in: 0..<body.count, using: &random)) }
                    let route = try #require(RESTRoute.allCases.randomElement(using: &random))
                    let reply = await api.answer(
                        .init(
                            method: "POST", path: route.rawValue, headers: ["operationid": "o", "token": admin],
                            body: body))
                    #expect([200, 400, 404].contains(reply.status), "seed \(seed), round \(round)")
                }
            }
        }
    }
}
