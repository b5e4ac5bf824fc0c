import Dialects
import Foundation
import LoadPlan
import Testing

@testable import Enrollment

@Suite struct TokenTests {
    @Test(arguments: OpenIMPlan.Version.allCases)
    func mintsWhatPythonVerifies(version: OpenIMPlan.Version) throws {
        try withFolder { folder in
            for secret in ["openIM123", "", String(repeating: "long ä ", count: 40)] {
                let plan = OpenIMPlan(version: version, secret: secret, tokens: .mint)
                let result = try Enrollment.Request("", folder, users: 3, platforms: [2, 5], plan: plan).run()
                #expect(result.version == version && result.credentials.count == 6 && result.tokensFetched == 0)
                try expectLeft(result.credentials, in: folder)
                for credential in result.credentials {
                    let claims = try python(
                        """
                        import sys, json, hmac, hashlib, base64
                        secret, token = json.loads(sys.stdin.read())
                        decode = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
                        head, body, sign = token.split(".")
                        assert "=" not in token
                        assert hmac.new(secret.encode(), (head + "." + body).encode(), hashlib.sha256).digest() == decode(sign)
                        assert json.loads(decode(head)) == {"alg": "HS256", "typ": "JWT"}
                        print(json.dumps(json.loads(decode(body))))
                        """, [secret, credential.token])
                    #expect(claims["UserID"] as? String == credential.userID)
                    #expect(claims["PlatformID"] as? Int == credential.platformID)
                    let issued = try #require(claims["iat"] as? Int)
                    #expect(abs(issued - Int(Date().timeIntervalSince1970)) < 60)
                    #expect(claims["exp"] as? Int == issued + 7_776_000)
                    #expect(claims["nbf"] as? Int == (version == .v3_5_1 ? issued - 300 : nil))
                }
            }
        }
    }

    /// What the run's other processes read.
    private func expectLeft(_ credentials: [Credential], in folder: URL) throws {
        let path = folder.appending(path: "tokens.csv").path
        #expect(try String(contentsOfFile: path, encoding: .utf8) == Credential.csv(credentials))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test func readsTokensFromAFile() throws {
        try withFolder { folder in
            let path = folder.appending(path: "given.csv").path
            let plan = OpenIMPlan(tokens: .file(path))
            let request = Enrollment.Request("", folder, users: 10, platforms: [2, 5], plan: plan)
            #expect { try request.run() } throws: { "\($0)".contains("No such file") }
            let all = request.userIDs.flatMap { userID in
                [2, 5].map { Credential(userID: userID, platformID: $0, token: "t-\(userID)-\($0)") }
            }
            let other = Credential(userID: "other", platformID: 2, token: "x")
            try Credential.csv(all.reversed() + [other]).write(toFile: path, atomically: false, encoding: .utf8)
            #expect(try request.run().credentials == all)
            try expectLeft(all, in: folder)
            try Credential.csv(Array(all.dropFirst(3).dropLast(4))).write(
                toFile: path, atomically: false, encoding: .utf8)
            let error = try request.failure()
            let text = "\(error)"
            #expect(text.contains("lacks 7 of 20 tokens") && text.contains("user_0 on platform 2"))
            #expect(text.contains("…") && !text.contains("t-user"))
            try (Credential.csv(all) + "u,x,secret-token\n").write(toFile: path, atomically: false, encoding: .utf8)
            let broken = try request.failure()
            #expect("\(broken)".contains("line 22") && !"\(String(describing: broken))".contains("secret"))
        }
    }

    @Test func readsWhenATokenEnds() {
        func token(_ claims: String) -> String { "e30." + Base64URL.encode(claims.utf8) + ".x" }
        #expect(TokenExpiry.seconds(of: token(#"{"exp":1700000000}"#)) == 1_700_000_000)
        #expect(TokenExpiry.seconds(of: token(#"{"exp":17.5e8,"x":[1]}"#)) == 1_750_000_000)
        for odd in ["", "a.b", "a.b.c", "a.b.c.d", token("{}"), token("[]"), token(#"{"exp":"soon"}"#), "..", "é.é.é"] {
            #expect(TokenExpiry.seconds(of: odd) == nil)
            #expect(TokenExpiry.isUsable(odd, nowS: 0, margin: .seconds(60)))
        }
        let ending = token(#"{"exp":1000}"#)
        #expect(TokenExpiry.isUsable(ending, nowS: 939, margin: .seconds(60)))
        #expect(!TokenExpiry.isUsable(ending, nowS: 941, margin: .seconds(60)))
    }

    @Test func hidesSecretsAndTokens() {
        let redaction = Redaction(secrets: ["openIM123", ""])
        #expect(redaction.text("a openIM123 b\nc") == "a (secret) b c")
        #expect(redaction.text("x eyJhbGciOiJIUzI1NiJ9.eyJVc2VySUQiOiJ1In0.abc-_1 y") == "x (token) y")
        // A mark that combines with the last character must not hide it.
        #expect(!redaction.text("openIM123\u{301}").contains("openIM123"))
        #expect(redaction.text(String(repeating: "é", count: 300)).count == 101)
        #expect(redaction.excerpt([0x1B, 0x5B, 0xFF, 0x00]) == "?[\u{FFFD}?")
    }

    @Test func waitsLongerEachTimeButNotForEver() {
        let limits = APILimits(backOff: .milliseconds(100), maxBackOff: .seconds(1))
        #expect(
            (1...5).map { limits.pause(afterFailures: $0, random: 0) / .milliseconds(1) } == [100, 200, 400, 800, 1000])
        #expect(limits.pause(afterFailures: 1000, random: 1) == .milliseconds(1500))
    }

    private func python(_ program: String, _ input: [String]) throws -> [String: Any] {
        let process = Process()
        let (standardInput, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        process.standardInput = standardInput
        process.standardOutput = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: input))
        try standardInput.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    }
}
