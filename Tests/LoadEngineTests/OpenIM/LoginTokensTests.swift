import LoadPlan
import Testing

@testable import LoadEngine

/// Tokens reach the shards that need them, and nobody else.
@Suite struct LoginTokensTests {
    private func assignment(shard: Int, shards: Int, needsToken: Bool = true) -> ShardPlan {
        let resource = Template(
            segments: [.literal(Array("/?".utf8))] + (needsToken ? [.placeholder(.token)] : []))
        let target = TargetURL(isSecure: false, host: "127.0.0.1", port: 9, resource: resource)
        let plan = Plan(
            name: "tokens", target: .url(target), dialect: .openim, openIM: OpenIMPlan(platforms: [2, 5]),
            accounts: Accounts(count: 3, logins: 2), load: Load(iterations: 1), steps: [.connect(Connect())])
        return ShardPlan(
            plan: plan, target: target, address: "127.0.0.1:9", shard: shard, shards: shards, seed: 1, startNs: 0)
    }

    private static let all = (0..<3).flatMap { account in [2, 5].map { "user-\(account),\($0),t\(account)p\($0)\n" } }

    private func error(_ assignment: ShardPlan) -> String {
        do {
            _ = try Shard(assignment, control: 0, output: 1)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [1, 2, 4])
    func eachClientHasTheTokenOfItsAccountAndPlatform(_ shards: Int) throws {
        let file = try CredentialFile("userID,platformID,token\n" + Self.all.shuffled().joined())
        var found: [Int: String] = [:]
        for shard in 0..<shards {
            let assignment = assignment(shard: shard, shards: shards)
            let tokens = try LoginTokens(assignment, platforms: #require(assignment.plan.openIM), path: file.path)
            for index in 0..<assignment.clientCount {
                found[assignment.clientNumber(index)] = String(decoding: tokens[index], as: UTF8.self)
            }
        }
        #expect(found == [0: "t0p2", 1: "t0p5", 2: "t1p2", 3: "t1p5", 4: "t2p2", 5: "t2p5"])
    }

    @Test func aLoginWithoutATokenIsNamedAndNoToken() throws {
        let file = try CredentialFile(Self.all.filter { !$0.hasPrefix("user-1,5") }.joined())
        var assignment = assignment(shard: 1, shards: 2)
        assignment.credentials = file.path
        let text = error(assignment)
        #expect(text == "there is no token for user 'user-1' on platform 5")
        // The other shard does not play this login.
        assignment = self.assignment(shard: 0, shards: 2)
        let tokens = try LoginTokens(assignment, platforms: #require(assignment.plan.openIM), path: file.path)
        #expect(String(decoding: tokens[1], as: UTF8.self) == "t1p2")
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        var assignment = assignment(shard: 0, shards: 1)
        #expect(error(assignment) == "the accounts log in with tokens, and no file with them was named")
        assignment.credentials = "/nowhere/tokens.csv"
        #expect(error(assignment).contains("/nowhere/tokens.csv: No such file or directory"))
        assignment.credentials = "/"
        #expect(error(assignment).contains("from /: Is a directory"))
        let file = try CredentialFile("user-0,2\nsecret-token")
        assignment.credentials = file.path
        let text = error(assignment)
        #expect(text.hasPrefix("\(file.path): line 1: ") && !text.contains("secret-token"))
    }
}
