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
            "{ version: 3.5.1, encoding: json, ping: text }",
            "3:37 openim.encoding: OpenIM 3.5.1 does not understand json (3.8 does) | 3:49 openim.ping: OpenIM 3.5.1 does not understand a text ping (3.8 does)"
        ),
    ])
    func sections(section: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.openIM(section: section)) == Self.split(problem))
    }

    @Test(arguments: [
        (
            "{ tokens: fetch }", "ws://h/",
            "3:9 openim: tokens are fetched from the API, and where that is nobody says (give openim.api or --openim-api)"
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
                "3:9 target: tokens are fetched from the API, and where that is nobody says (give openim.api or --openim-api)"
            ])
    }

    @Test(arguments: [
        (
            "send: { binary: \"00\" }",
            "6:35 steps[1].send.binary: OpenIM's messages are texts (write text)"
        ),
        (
            "send: { size: 4, kind: binary }",
            "6:42 steps[1].send.kind: OpenIM's messages are texts (leave kind out)"
        ),
        (
            "send: { size: 49KiB }",
            "6:33 steps[1].send.size: expected 1 to 48KiB bytes, found 49KiB (OpenIM ends a connection that sends a frame above 51,200 bytes)"
        ),
        ("send: { to: ring }", "6:25 steps[1].send: expected text or size (e.g. send: { text: \"hello\" })"),
        (
            "send: { to: rng, text: a }",
            "6:31 steps[1].send.to: expected one of self, pair, ring, random, hot; found \"rng\" (did you mean ring?)"
        ),
        ("send: { to: {}, text: a }", "6:31 steps[1].send.to: expected hot, group or user (e.g. { hot: 3 }, or ring)"),
        (
            "send: { to: { hot: 1, user: a }, text: a }",
            "6:47 steps[1].send.to.user: expected one of hot, group and user"
        ),
        (
            "send: { to: { hot: 0 }, text: a }",
            "6:38 steps[1].send.to.hot: expected a whole number from 1 to 10000000, found \"0\""
        ),
        (
            "send: { to: { hot: 11 }, text: a }",
            "6:25 steps[1].send: expected at most the 10 accounts that there are, found hot: 11"
        ),
        (
            "send: { to: { user: \"\" }, text: a }",
            "6:39 steps[1].send.to.user: expected a user's ID without control characters, found \"\""
        ),
        (
            "send: \"{token}\"",
            "6:25 steps[1].send: {token} can stand in the target's URL and in headers only"
        ),
        (
            "receive: push",
            "6:28 steps[1].receive: expected any, ack or a mapping, found \"push\" (for a push write receive: { push: others })"
        ),
        (
            "receive: { equals: a }",
            "6:38 steps[1].receive.equals: equals belongs to dialect: plain (OpenIM has receive: ack and receive: { push: others })"
        ),
        (
            "receive: { contains: a }",
            "6:40 steps[1].receive.contains: contains belongs to dialect: plain (OpenIM has receive: ack and receive: { push: others })"
        ),
        (
            "receive: { ack: true, push: own }",
            "6:47 steps[1].receive.push: a receive has one of any, ack and push"
        ),
        ("receive: { ack: false }", "6:35 steps[1].receive.ack: ack is true or absent"),
        (
            "receive: { push: other }",
            "6:36 steps[1].receive.push: expected one of own, any, others; found \"other\" (did you mean others?)"
        ),
        ("receive: { push: {} }", "6:36 steps[1].receive.push: the key from is missing"),
        ("newest_sequence: 1", "6:36 steps[1].newest_sequence: expected nothing behind this step, found \"1\""),
        ("pull", "6:19 steps[1]: pull does not stand alone (e.g. pull: { with: pair })"),
        ("pull: { count: 1 }", "6:25 steps[1].pull: the key with is missing"),
        (
            "pull: { with: pair, count: 0 }",
            "6:46 steps[1].pull.count: expected a whole number from 1 to 10000, found \"0\""
        ),
        ("background", "6:19 steps[1]: background does not stand alone (e.g. background: true)"),
        ("background: yes", "6:31 steps[1].background: expected true or false, found \"yes\" (write true)"),
        ("subscribe", "6:19 steps[1]: subscribe does not stand alone (e.g. subscribe: { to: pair })"),
        (
            "subscribe: { to: { group: g } }",
            "6:36 steps[1].subscribe.to: only accounts have an online status, groups have none"
        ),
        ("logout: now", "6:27 steps[1].logout: expected nothing behind this step, found \"now\""),
        (
            "takeover: { four: 1s }",
            "6:31 steps[1].takeover.four: unknown key \"four\" (did you mean for?)"
        ),
        (
            "newest_sequenc",
            "6:19 steps[1]: unknown step \"newest_sequenc\" (did you mean newest_sequence?)"
        ),
        (
            "xyzzy",
            "6:19 steps[1]: unknown step \"xyzzy\" (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover, newest_sequence, pull, background, subscribe, logout)"
        ),
        (
            "roles",
            "6:19 steps[1]: roles does not stand alone (e.g. roles: [{ accounts: 1, steps: [...] }, { steps: [...] }])"
        ),
        ("roles: []", "6:26 steps[1].roles: expected at least one role (e.g. - { accounts: 1, steps: [...] })"),
        ("roles: [{ accounts: 10 }]", "6:27 steps[1].roles[0]: the key steps is missing"),
        (
            "roles: [{ steps: [] }, { accounts: 1, steps: [] }]",
            "6:27 steps[1].roles[0]: only the last role can be for all accounts that are left (give accounts)"
        ),
        (
            "roles: [{ accounts: 6, steps: [] }, { accounts: 5, steps: [] }]",
            "6:26 steps[1].roles: roles for 11 accounts, and there are 10"
        ),
        (
            "roles: [{ accounts: 4, steps: [] }, { accounts: 5, steps: [] }]",
            "6:26 steps[1].roles: roles for 9 accounts, and there are 10: some would have none (leave accounts out of the last role)"
        ),
        (
            "roles: [{ accounts: 1, steps: [logout] }, { steps: [] }]",
            "6:61 steps[1].roles[1]: this role ends online, the first one offline (end all roles online, or all offline)"
        ),
        (
            "roles: [{ accounts: 1, steps: [stop_reading] }, { steps: [] }]",
            "6:67 steps[1].roles[1]: this role ends online, the first one online without reading (stop reading in all roles, or in none)"
        ),
    ])
    func steps(step: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.openIM(steps: "connect, \(step), close"))
            .filter { !$0.contains("close without a connection") }
        #expect(problems == Self.split(problem))
    }

    @Test(arguments: [
        ("logout", "6:10 steps[0]: logout without a connection (connect before it)"),
        ("takeover, close", "6:10 steps[0]: takeover without a connection (connect before it)"),
        ("stop_reading, close", "6:10 steps[0]: stop_reading without a connection (connect before it)"),
        ("connect, logout, close", "6:27 steps[2]: close without a connection (connect before it)"),
        (
            "connect, takeover",
            "6:19 steps[1]: the steps end with the connection open (end them with close, abort or abandon)"
        ),
        (
            "connect, stop_reading",
            "6:19 steps[1]: the steps end with the connection open (end them with close, abort or abandon)"
        ),
    ])
    func sequences(steps: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.openIM(steps: steps))
            .filter { !$0.contains("no step connects") }
        #expect(problems == Self.split(problem))
    }

    @Test(arguments: [
        "receive", "ping", "newest_sequence", "pull: { with: ring }", "background: true", "subscribe: { to: ring }",
        "logout", "stop_reading",
    ])
    func nothingIsHeardOnAConnectionThatIsNotRead(step: String) {
        let name = step.prefix { $0 != ":" }
        let problems = ProfileText.problems(
            ProfileText.openIM(steps: "connect, stop_reading, wait: 1s, \(step), abort")
        )
        .filter { !$0.contains("without a connection") }
        #expect(
            problems.count == 1
                && problems[0].hasSuffix(
                    "\(name) on a connection from which nothing is read any more (end it first, or take it over)"),
            "\(problems)")
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

    @Test(arguments: [
        (
            "send: { to: ring, text: a }",
            "6:17 steps[1].send.to: to belongs to dialect: openim (write dialect: openim)"
        ),
        ("receive: ack", "6:14 steps[1].receive: ack belongs to dialect: openim (write dialect: openim)"),
        (
            "receive: { push: own }",
            "6:22 steps[1].receive.push: push belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "newest_sequence",
            "6:5 steps[1]: newest_sequence belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "pull: { with: ring }",
            "6:11 steps[1].pull: pull belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "background: true",
            "6:17 steps[1].background: background belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "subscribe: { to: ring }",
            "6:16 steps[1].subscribe: subscribe belongs to dialect: openim (write dialect: openim)"
        ),
        ("logout", "6:5 steps[1]: logout belongs to dialect: openim (write dialect: openim)"),
        (
            "takeover: { headers: { A: \"{token}\" } }",
            "6:31 steps[1].takeover.headers.A: {token} belongs to dialect: openim (write dialect: openim)"
        ),
        (
            "send: \"{platform}\"",
            "6:11 steps[1].send: {platform} can stand in the target's URL and in headers only"
        ),
    ])
    func plainSteps(step: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.with(steps: "  - connect\n  - \(step)\n  - close"))
            .filter { !$0.contains("close without a connection") }
        #expect(problems == Self.split(problem))
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

    @Test func textsAreAsLongAsFramesAllow() {
        let text = String(repeating: "a", count: 36 * 1024 + 1)
        let steps = "connect, send: \(text), send: { text: \(text) }, close"
        #expect(ProfileText.problems(ProfileText.openIM(steps: steps)).isEmpty)
        let problem =
            "expected at most 36KiB bytes, the text has 36865 (OpenIM ends a connection that sends a frame above 51,200 bytes)"
        #expect(
            ProfileText.problems(ProfileText.openIM(section: "{ encoding: json }", steps: steps)) == [
                "6:25 steps[1].send: \(problem)", "6:36906 steps[2].send.text: \(problem)",
            ])
    }

    @Test func subscribingNeeds38() {
        let text = ProfileText.openIM(
            section: "{ version: 3.5.1 }", steps: "connect, subscribe: { to: ring }, close")
        #expect(
            ProfileText.problems(text)
                == ["6:30 steps[1].subscribe: OpenIM 3.5.1 does not understand subscribe (3.8 does)"])
        #expect(
            ProfileText.problems(
                text.replacing("3.5.1", with: "3.8.3"), Self.overrides { $0.openIMVersion = "3.5.1" })
                == ["--openim-version: OpenIM 3.5.1 does not understand subscribe, which the profile wants"])
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
                "--target: tokens are fetched from the API, and where that is nobody says (give --openim-api http://HOST:10002)"
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
                "--target: tokens are fetched from the API, and where that is nobody says (give --openim-api http://HOST:10002; the profile's openim.api goes with its own target)"
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

    @Test func rolesFollowTheCommandLinesAccounts() {
        let text = ProfileText.openIM(
            steps: "connect, roles: [{ accounts: 5, steps: [] }, { accounts: 5, steps: [] }], close")
        #expect(
            ProfileText.problems(text, Self.overrides { $0.accounts = 9 })
                == ["--accounts: roles for 10 accounts, and there are 9"])
    }
}
