import Testing

@testable import Gateway

extension GatewayTests {
    @Suite struct OpenIMTokenTests {
        private let key = HMACSHA256(key: Array("openIM123".utf8))

        /// RFC 4231, test case 2.
        @Test func codesAreThoseOfTheStandard() {
            let code = HMACSHA256(key: Array("Jefe".utf8)).code(for: Array("what do ya want for nothing?".utf8))
            let hex = code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            #expect(hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        }

        /// RFC 4648 §10, without padding.
        @Test func base64IsThatOfTheStandard() {
            for (text, encoded) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
                #expect(Base64URL.encode(Array(text.utf8)) == encoded)
                #expect(Base64URL.decode(encoded.utf8) == Array(text.utf8))
            }
            for wrong in ["A", "Zg==", "+A", "é"] { #expect(Base64URL.decode(wrong.utf8) == nil) }
        }

        private func failure(_ text: String, now: Int64, _ version: OpenIMVersion = .v3_8_3) -> Int32? {
            do {
                _ = try AccessToken(text, version, signedBy: key, now: now)
                return nil
            } catch {
                return error.code
            }
        }

        @Test func tokensAreVerifiedInGoJWTsOrder() throws {
            let token = AccessToken(userID: "u1", platform: 3, expires: 2000, issued: 1000)
            for version in OpenIMVersion.allCases {
                let text = token.text(version, signedBy: key)
                #expect(try AccessToken(text, version, signedBy: key, now: 1500) == token)
                #expect(failure(text, now: 2000) == 1501)
                #expect(failure(text, now: 500) == 1504)
                let forged = token.text(version, signedBy: HMACSHA256(key: Array("other".utf8)))
                #expect(failure(forged, now: 1500) == 1505)
                #expect(failure(forged, now: 3000) == 1501)
                #expect(failure(text + "x", now: 1500) == 1505)
            }
            #expect(failure("", now: 0) == 1503)
            #expect(failure("a.b", now: 0) == 1503)
            #expect(failure("a.b.c", now: 0) == 1503)
            let none = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "." + Base64URL.encode(Array("{}".utf8)) + "."
            #expect(failure(none, now: 0) == 1505)
        }

        @Test func recordsFollowThePolicy() {
            let records = TokenRecords()
            let key = TokenRecords.Key(userID: "u", platform: 1)
            records.add("a", key, keeping: 0)
            records.add("b", key, keeping: 0)
            #expect(records.status(of: "a", key) == .kicked)
            #expect(records.status(of: "b", key) == .normal)
            records.add("c", key, keeping: 0)
            #expect(records.status(of: "a", key) == nil)
            #expect(records.status(of: "b", key) == .kicked)
            records.kick(key, except: "c")
            #expect(records.status(of: "c", key) == .normal)
            records.kick(key)
            #expect(records.status(of: "c", key) == .kicked)
            for name in ["d", "e", "f"] { records.add(name, key, keeping: 2) }
            #expect(records.status(of: "d", key) == .normal)
            records.add("g", key, keeping: 2)
            #expect(records.status(of: "d", key) == .kicked)
            records.add("g", key, keeping: 0)
            #expect(records.status(of: "g", key) == .normal)
        }

        @Test(arguments: OpenIMLoginPolicy.allCases)
        func newTokensOf383TakeOlderOnes(policy: OpenIMLoginPolicy) async throws {
            try await OpenIMBackend.with(.v3_8_3) {
                $0.openIM?.loginPolicy = policy
            } _: { (backend: OpenIMBackend) async throws in
                let service = try #require(backend.service.handler.openIM)
                try service.users.register(["u"])
                for platform: Int32 in [1, 3] {
                    let key = TokenRecords.Key(userID: "u", platform: platform)
                    service.tokens.add("older", key, keeping: 9)
                    _ = try service.giveToken("u", platform: platform)
                    let stays = policy == .keepAll || (policy == .computerAndOther && platform == 3)
                    #expect(service.tokens.status(of: "older", key) == (stays ? .normal : .kicked))
                }
            }
        }
    }
}
