import LoadPlan
import Testing

/// Bad steps of profiles that speak OpenIM, and steps of OpenIM in others, each with its whole message.
@Suite struct OpenIMStepProblemTests {
    private static func overrides(_ change: (inout PlanOverrides) -> Void) -> PlanOverrides {
        var overrides = PlanOverrides()
        change(&overrides)
        return overrides
    }

    private static func split(_ problems: String) -> [String] {
        problems.split(separator: " | ").map(String.init)
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

    @Test func rolesFollowTheCommandLinesAccounts() {
        let text = ProfileText.openIM(
            steps: "connect, roles: [{ accounts: 5, steps: [] }, { accounts: 5, steps: [] }], close")
        #expect(
            ProfileText.problems(text, Self.overrides { $0.accounts = 9 })
                == ["--accounts: roles for 10 accounts, and there are 9"])
    }
}
