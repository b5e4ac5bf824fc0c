import LoadPlan
import Testing

/// What is wrong with profiles that speak OpenIM, or half speak it, each with its whole message.
@Suite struct OpenIMProblemTests {
    private static func overrides(_ change: (inout PlanOverrides) -> Void) -> PlanOverrides {
        var overrides = PlanOverrides()
        change(&overrides)
        return overrides
    }

    private static func split(_ problems: String) -> [String] {
        problems.split(separator: " | ").map(String.init)
    }

    @Test(arguments: [
        ("5", "3:9 openim: expected a mapping (api, version, secret, admin, …), found \"5\""),
        ("{ apis: x }", "3:11 openim.apis: unknown key \"apis\" (did you mean api?)"),
        (
            "{ version: 3.5 }",
            "3:20 openim.version: expected one of 3.5.1, 3.8.3; found \"3.5\""
        ),
        (
            "{ api: \"http://h:1\" }",
            "3:16 openim.api: the bundled gateway has an API of its own (leave api out, or name a target)"
        ),
        ("{ secret: \"\" }", "3:19 openim.secret: expected a secret without control characters, found \"\""),
        ("{ admin: [a] }", "3:18 openim.admin: expected a user ID, found a list"),
        ("{ platforms: web }", "3:22 openim.platforms: expected a list of platforms, found \"web\""),
        ("{ platforms: [] }", "3:22 openim.platforms: expected at least one platform (leave platforms out)"),
        (
            "{ platforms: [Web, 10] }",
            "3:23 openim.platforms[0]: expected a platform (ios, android, windows, osx, web, miniweb, linux, apad, ipad or 1 to 9), found \"Web\" (did you mean web?) | 3:28 openim.platforms[1]: expected a platform (ios, android, windows, osx, web, miniweb, linux, apad, ipad or 1 to 9), found \"10\""
        ),
        (
            "{ encoding: jsn }",
            "3:21 openim.encoding: expected one of gob, json; found \"jsn\" (did you mean json?)"
        ),
        ("{ compression: gzip }", "3:24 openim.compression: expected true or false, found \"gzip\""),
        ("{ ping: [] }", "3:17 openim.ping: expected one of frame, text, found an empty list"),
        ("{ tokens: file }", "3:19 openim.tokens: expected one of fetch, mint; found \"file\""),
        ("{ tokens: {} }", "3:19 openim.tokens: the key file is missing"),
        (
            "{ version: 3.5.1, encoding: json, ping: text, first_response: true }",
            "3:37 openim.encoding: OpenIM 3.5.1 does not understand json (3.8 does) | 3:49 openim.ping: OpenIM 3.5.1 does not understand a text ping (3.8 does) | 3:71 openim.first_response: OpenIM 3.5.1 does not understand first_response (isMsgResp) (3.8 does)"
        ),
    ])
    func sections(section: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.openIM(section: section)) == Self.split(problem))
    }

    @Test(arguments: [
        (
            "{ tokens: fetch }", "ws://h/",
            "3:9 openim: tokens are fetched from the API, and nothing says where that is (give openim.api or --openim-api)"
        ),
        ("{ tokens: mint }", "ws://h/", ""), ("{ tokens: { file: a.csv } }", "ws://h/", ""),
        ("{ api: \"http://[::1]\" }", "ws://h/", ""),
        (
            "{ api: \"h:1\" }", "ws://h/",
            "3:17 openim.api: expected a URL that begins with http:// or https://, found \"h:1\" (did you mean http://h:1?)"
        ),
        (
            "{ api: \"http://h:1/api\" }", "ws://h/",
            "3:27 openim.api: expected http://HOST:PORT without a path, found \"/api\" (write http://h:1; the calls' paths are known)"
        ),
        (
            "{ api: \"https://h?a=b\" }", "ws://h/",
            "3:26 openim.api: expected http://HOST:PORT without a path, found \"?a=b\" (write https://h; the calls' paths are known)"
        ),
        (
            "{ api: \"http://h:0\" }", "ws://h/",
            "3:26 openim.api: expected a port from 1 to 65535, found \"0\""
        ),
    ])
    func targets(section: String, target: String, problem: String) {
        let text = ProfileText.openIM(section: section, lines: "target: \(target)")
        #expect(ProfileText.problems(text) == Self.split(problem))
    }

    @Test func fetchingNeedsAnAPIAlsoWithoutASection() {
        let text =
            "name: t\ndialect: openim\ntarget: ws://h/\naccounts: {count: 1}\nload: {iterations: 1}\nsteps: [connect, close]"
        #expect(
            ProfileText.problems(text) == [
                "3:9 target: tokens are fetched from the API, and nothing says where that is (give openim.api or --openim-api)"
            ])
    }

    @Test(arguments: [
        (
            "kick: { codes: [4001] }",
            "7:16 kick.codes: codes belongs to dialect: plain (OpenIM kicks by a frame, without a close code: leave it out)"
        ),
        (
            "gateway: { login_policy: kickOlder }",
            "7:26 gateway.login_policy: expected one of 0, 1, 4, 5; found \"kickOlder\" (kickOlder belongs to dialect: plain)"
        ),
        ("gateway: { login_policy: 2 }", "7:26 gateway.login_policy: expected one of 0, 1, 4, 5; found \"2\""),
        (
            "gateway: { connection_limit: 0 }",
            "7:30 gateway.connection_limit: expected a whole number from 1 to 10000000, found \"0\""
        ),
        (
            "back_off: openim",
            "7:11 back_off: expected one of standard, openim_sdk; found \"openim\""
        ),
        (
            "back_off: { first: 2s, last: 1s }",
            "7:30 back_off.last: the last back-off of 1s is shorter than the first of 2s"
        ),
        ("back_off: { first: 0 }", "7:20 back_off.first: expected a duration longer than 0"),
        (
            "thresholds: [delivery.p99 < 1s]",
            "7:14 thresholds[0]: delivery is never measured: the steps have no send"
        ),
        (
            "thresholds: [reply.p99 < 1s]",
            "7:14 thresholds[0]: reply is never measured: the steps have no send and no request"
        ),
    ])
    func documents(line: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.openIM(lines: line)) == Self.split(problem))
    }

    /// What belongs to OpenIM, in a profile that does not speak it.
    @Test(arguments: [
        ("openim: {}", "5:9 openim: openim belongs to dialect: openim (write dialect: openim)"),
        (
            "gateway: { connection_limit: 5 }",
            "5:30 gateway.connection_limit: connection_limit belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "gateway: { login_policy: 1 }",
            "5:26 gateway.login_policy: expected one of kickOlder, allowAll; found \"1\" (1 belongs to dialect: openim)"
        ),
        ("target: ws://h/{token}", "5:9 target: {token} belongs to dialect: openim (write dialect: openim)"),
        (
            "thresholds: [\"delivery.count >= 1\"]",
            "5:14 thresholds[0]: delivery is never measured: only servers of dialect: openim push messages"
        ),
    ])
    func plainProfiles(line: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.with(lines: line)) == Self.split(problem))
    }

    /// A dialect that cannot be read is one problem, and not one for each key that belongs to some dialect.
    @Test func anUnknownDialectIsOneProblem() {
        let text = ProfileText.openIM(
            section: "{ encoding: json }", steps: "connect, send: { to: ring, text: a }, receive: ack, logout",
            lines: "gateway: { login_policy: 1, connection_limit: 5 }"
        ).replacing("dialect: openim", with: "dialect: openIM")
        #expect(
            ProfileText.problems(text) == [
                "2:10 dialect: expected one of plain, openim; found \"openIM\" (did you mean openim?)"
            ])
    }

    @Test(arguments: [
        ("{ count: 10, id: same }", "all accounts would be the same user (put {index}, the account's number, into it)"),
        (
            "{ count: 10, id: \"user-{index}\" }",
            "a user ID has letters, digits and _ only in OpenIM 3.8, found \"-\" (OpenIM 3.5.1 allows more: say openim.version or --openim-version)"
        ),
        (
            "{ count: 10, id: \"{token}{index}\" }",
            "an account's id stays the same, so {token} cannot be in it ({index} is the account's number)"
        ),
    ])
    func ids(accounts: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.openIM(accounts: accounts)) == ["4:28 accounts.id: \(problem)"])
    }

    @Test(arguments: [":", "&", "+", ";", " ", "#", "é"])
    func idsOf351(character: String) {
        let text = ProfileText.openIM(
            section: "{ version: 3.5.1 }", accounts: "{ count: 10, id: \"a\(character){index}\" }")
        #expect(
            ProfileText.problems(text) == [
                "4:28 accounts.id: a user ID cannot have \"\(character)\": OpenIM 3.5 refuses :, and a query has no place for others"
            ])
    }

    @Test(
        arguments: [
            (
                overrides { $0.openIMAPI = "h:10002" },
                "--openim-api: has no meaning with the bundled gateway, which has an API of its own | --openim-api: expected a URL that begins with http:// or https://, found \"h:10002\" (did you mean http://h:10002?)"
            ),
            (
                overrides { $0.openIMVersion = "3.8" },
                "--openim-version: expected one of 3.5.1, 3.8.3; found \"3.8\""
            ),
            (overrides { $0.loginPolicy = "3" }, "--login-policy: expected one of 0, 1, 4, 5; found \"3\""),
            (overrides { $0.tokens = "" }, "--tokens: expected fetch, mint or the name of a file"),
            (overrides { $0.openIMSecret = "" }, "GATECRASH_OPENIM_SECRET: expected a secret, found nothing"),
            (
                overrides { $0.openIMAPI = "http://h:1" },
                "--openim-api: has no meaning with the bundled gateway, which has an API of its own"
            ),
            (
                overrides { $0.target = "ws://h/" },
                "--target: tokens are fetched from the API, and nothing says where that is (give --openim-api http://HOST:10002)"
            ),
            (
                overrides {
                    $0.target = "ws://h/"
                    $0.openIMAPI = "http://h/x"
                },
                "--openim-api: expected http://HOST:PORT without a path, found \"/x\" (write http://h; the calls' paths are known)"
            ),
            (
                overrides {
                    $0.target = "ws://h/"
                    $0.tokens = "mint"
                    $0.loginPolicy = "1"
                }, "--login-policy: has a meaning with the bundled gateway only"
            ),
        ] as [(PlanOverrides, String)])
    func refuses(overrides: PlanOverrides, problem: String) {
        #expect(ProfileText.problems(ProfileText.openIM(), overrides).sorted() == Self.split(problem).sorted())
    }

    @Test func anotherTargetNeedsAnotherAPI() {
        let text = ProfileText.openIM(section: "{ api: \"http://own:2\" }", lines: "target: ws://own:1/")
        #expect(
            ProfileText.problems(text, Self.overrides { $0.target = "ws://other:1/" }) == [
                "--target: tokens are fetched from the API, and nothing says where that is (give --openim-api http://HOST:10002; the profile's openim.api goes with its own target)"
            ])
    }

    @Test func optionsOfOpenIMNeedItsDialect() {
        let options = Self.overrides {
            $0.openIMAPI = "http://h:1"
            $0.openIMVersion = "3.8.3"
            $0.tokens = "mint"
            $0.loginPolicy = "1"
            $0.target = "ws://h/{platform}"
        }
        let reason = "has a meaning with dialect: openim only, and the profile's is plain"
        #expect(
            ProfileText.problems(ProfileText.with(lines: ""), options).sorted() == [
                "--login-policy: \(reason)", "--openim-api: \(reason)", "--openim-version: \(reason)",
                "--target: {platform} belongs to dialect: openim", "--tokens: \(reason)",
            ])
    }
}
