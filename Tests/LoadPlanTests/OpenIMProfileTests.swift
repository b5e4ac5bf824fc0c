import LoadPlan
import Testing

/// Good profiles of the dialect `openim` and their plans.
@Suite struct OpenIMProfileTests {
    private static let connect = Connect(heartbeat: .seconds(25))

    private static func overrides(_ change: (inout PlanOverrides) -> Void) -> PlanOverrides {
        var overrides = PlanOverrides()
        change(&overrides)
        return overrides
    }

    @Test func nothingSaidIsTheDefault() throws {
        let plan = try ProfileText.load(
            "name: t\ndialect: openim\naccounts: { count: 2 }\nload: { iterations: 1 }\nsteps: [connect, close]")
        #expect(plan.dialect == .openim && plan.openIM == OpenIMPlan() && plan.target == .bundled)
        #expect(try plan.accounts.id == Template(parsing: "gatecrash_{index}"))
        #expect(plan.kick == Kick(codes: []) && plan.backOff == .openIMSDK)
        #expect(plan.steps == [.connect(Self.connect), .close(Close())])
        #expect(plan == (try ProfileText.load(ProfileText.openIM(accounts: "{ count: 2 }"))).withLoad(plan.load))
        var accounts = PlanOverrides()
        accounts.accounts = 3
        let short = try ProfileText.load(
            "name: t\ndialect: openim\nload: { iterations: 1 }\nsteps: [connect, close]", accounts)
        #expect(short.accounts == Accounts(count: 3, id: OpenIMPlan.defaultAccountID))
        #expect(try PlanJSON.roundTrip(plan) == plan)
    }

    @Test func everyKeyIsRead() throws {
        let plan = try ProfileText.load(
            """
            name: t
            target: ws://h:10001/msg
            dialect: openim
            openim:
              api: https://h:10002/
              version: 3.8.3
              secret: 12345
              admin: imAdmin
              platforms: [ios, android, 3, osx, web, miniweb, linux, apad, 9]
              encoding: json
              compression: true
              first_response: true
              ping: text
              tokens: { file: tokens.csv }
            accounts: { count: 2, logins: 2, id: "u{index}" }
            kick: { expected: true }
            load: { iterations: 1 }
            back_off: { first: 2s, cycles: true }
            steps: [connect: { heartbeat: 5s, headers: { X-Token: "{token} {platform}" } }, send: a, close]
            thresholds: ["delivery.p99 < 1s", "delivery.count > 0", "outcomes.refused:1601 == 0",
              "outcomes.request_failed:90002 == 0", outcomes.message_invalid == 0]
            """)
        #expect(
            plan.openIM
                == OpenIMPlan(
                    api: "https://h:10002", version: .v3_8_3, secret: "12345", adminID: "imAdmin",
                    platforms: [1, 2, 3, 4, 5, 6, 7, 8, 9], encoding: .json, compression: true, firstResponse: true,
                    ping: .text, tokens: .file("tokens.csv")))
        #expect(
            plan.target.description
                == "ws://h:10001/msg?sendID={account}&token={token}&platformID={platform}&operationID={random}"
                + "&isBackground=false&compression=gzip&sdkType=js&isMsgResp=true")
        #expect(plan.kick == Kick(codes: [], expected: true))
        #expect(plan.backOff == BackOff(first: .seconds(2), last: .seconds(5), cycles: true, jitter: true))
        #expect(plan.thresholds.count == 5)
        #expect(try PlanJSON.roundTrip(plan) == plan)
    }

    @Test(arguments: [
        ("/", "/?[all]"), ("/a?", "/a?[all]"), ("/a?v=1", "/a?v=1&[all]"), ("/a?v=1&", "/a?v=1&[all]"),
        ("/{platform}?x={token}", "/{platform}?x={token}&[all]"),
        (
            "/?token=abc&sendID={account}&isMsgResp=false",
            "/?token=abc&sendID={account}&isMsgResp=false&platformID={platform}&operationID={random}&isBackground=false"
        ),
        (
            "/?sendID=a&token=b&platformID=1&operationID=c&isBackground=d",
            "/?sendID=a&token=b&platformID=1&operationID=c&isBackground=d"
        ),
    ])
    func whatTheUserHasWrittenStays(resource: String, expected: String) throws {
        let all = "sendID={account}&token={token}&platformID={platform}&operationID={random}&isBackground=false"
        let plan = OpenIMPlan(firstResponse: resource.contains("isMsgResp"))
        let made = plan.resource(behind: try Template(parsing: resource))
        #expect(made.sourceText == expected.replacing("[all]", with: all))
        #expect(try made == Template(parsing: made.sourceText))
        #expect(OpenIMPlan().query().sourceText == all)
    }

    @Test(
        arguments: [
            ("send: hi", .send(Message(payload: Template(literal: "hi"), recipient: .ring))),
            ("send: { text: hi }", .send(Message(payload: Template(literal: "hi"), recipient: .ring))),
            ("send: { to: self, text: hi }", .send(Message(payload: Template(literal: "hi"), recipient: .oneself))),
            (
                "send: { to: pair, size: 48KiB, kind: text }",
                .send(Message(payload: Template(segments: []), paddedToBytes: 49152, recipient: .pair))
            ),
            ("send: { to: random, text: a }", .send(Message(payload: Template(literal: "a"), recipient: .random))),
            (
                "send: { to: hot, text: a }",
                .send(Message(payload: Template(literal: "a"), recipient: .hot(accounts: 1)))
            ),
            (
                "send: { to: { hot: 10 }, text: a }",
                .send(Message(payload: Template(literal: "a"), recipient: .hot(accounts: 10)))
            ),
            (
                "send: { to: { group: 77 }, text: a }",
                .send(Message(payload: Template(literal: "a"), recipient: .group(Template(literal: "77"))))
            ),
            (
                "send: { to: { user: \"{index}\" }, text: a }",
                .send(
                    Message(
                        payload: Template(literal: "a"), recipient: .user(Template(segments: [.placeholder(.index)]))))
            ),
            ("receive", .receive(Receive())), ("receive: any", .receive(Receive())),
            ("receive: ack", .receive(Receive(match: .ack))),
            ("receive: { ack: true, count: 3 }", .receive(Receive(match: .ack, count: 3))),
            ("receive: { push: own }", .receive(Receive(match: .push(.own)))),
            (
                "receive: { push: any, count: 2, timeout: 5s }",
                .receive(Receive(match: .push(.any), count: 2, timeout: .seconds(5)))
            ),
            ("receive: { push: others }", .receive(Receive(match: .push(.others)))),
            (
                "receive: { push: { from: gatecrash_1 } }",
                .receive(Receive(match: .push(.from(Template(literal: "gatecrash_1")))))
            ),
            ("newest_sequence", .request(.newestSequence)), ("{ newest_sequence: }", .request(.newestSequence)),
            ("pull: { with: pair }", .request(.pull(with: .pair, count: 20))),
            ("pull: { with: { user: a }, count: 5 }", .request(.pull(with: .user(Template(literal: "a")), count: 5))),
            ("background: true", .request(.background(true))), ("background: false", .request(.background(false))),
            ("subscribe: { to: ring }", .request(.subscribe(to: .ring))),
            ("takeover", .takeover(Takeover(connect: connect))),
            (
                "takeover: { for: 30s, keep: 2, admit: message }",
                .takeover(
                    Takeover(
                        abandon: Abandon(lifetime: .seconds(30), keep: 2),
                        connect: Connect(admit: .message, heartbeat: .seconds(25))))
            ),
        ] as [(String, Step)])
    func plays(text: String, step: Step) throws {
        let plan = try ProfileText.load(ProfileText.openIM(steps: "connect, \(text), close"))
        #expect(plan.steps == [.connect(Self.connect), step, .close(Close())])
        #expect(try PlanJSON.roundTrip(plan) == plan)
    }

    @Test(arguments: [
        "connect, logout", "connect, stop_reading, send: a, wait: 1ms, close", "connect, stop_reading, abort",
        "connect, stop_reading, takeover, receive, close", "connect, takeover, takeover, logout, connect, abandon",
        "connect, roles: [{ accounts: 10, steps: [ping] }], close",
        "roles: [{ accounts: 3, steps: [connect, logout] }, { steps: [] }]",
        "roles: [{ accounts: 10, steps: [] }, { steps: [] }], connect, close",
        "repeat: { times: 2, steps: [connect, stop_reading, close] }",
        "connect, choose: [{ share: 0.5, steps: [stop_reading] }, { share: 0.5, steps: [stop_reading, wait: 1s] }], close",
    ])
    func connectionsAreFollowed(steps: String) throws {
        let plan = try ProfileText.load(ProfileText.openIM(steps: steps))
        #expect(try PlanJSON.roundTrip(plan) == plan)
    }

    @Test func rolesAndTakeoverBelongToAllDialects() throws {
        let plan = try ProfileText.load(
            """
            name: t
            accounts: { count: 3 }
            load: { iterations: 1 }
            steps:
              - connect
              - roles: [{ accounts: 1, steps: [ping] }, { accounts: 1, steps: [] }, { steps: [send: x] }]
              - takeover: { for: 1s, subprotocols: [a], headers: { A: "{account}" }, heartbeat: 2s, admit: none, keep: 5 }
              - stop_reading
              - close
            back_off: openim_sdk
            """)
        let connect = Connect(
            admit: .none, headers: [Header(name: "A", value: Template(segments: [.placeholder(.account)]))],
            subprotocols: ["a"], heartbeat: .seconds(2))
        #expect(
            plan.steps == [
                .connect(Connect()),
                .roles([
                    Role(accounts: 1, steps: [.ping]), Role(accounts: 1, steps: []),
                    Role(steps: [.send(Message(payload: Template(literal: "x")))]),
                ]),
                .takeover(Takeover(abandon: Abandon(lifetime: .seconds(1), keep: 5), connect: connect)), .stopReading,
                .close(Close()),
            ])
        #expect(plan.backOff == .openIMSDK && plan.connectionsAtMost == 18)
    }

    @Test(
        arguments: [
            ("back_off: standard", BackOff()), ("back_off: openim_sdk", .openIMSDK), ("back_off: {}", BackOff()),
            ("back_off: { first: 10s }", BackOff(first: .seconds(10), last: .seconds(10))),
            (
                "back_off: { first: 1s, last: 16s, cycles: true, jitter: false }", .openIMSDK
            ),
        ] as [(String, BackOff)])
    func backsOff(line: String, backOff: BackOff) throws {
        #expect(try ProfileText.load(ProfileText.openIM(lines: line)).backOff == backOff)
        #expect(try ProfileText.load(ProfileText.with(lines: line)).backOff == backOff)
    }

    @Test func theGatewayHasOpenIMsPolicies() throws {
        let text = ProfileText.openIM(lines: "gateway: { login_policy: 4, connection_limit: 50 }")
        let plan = try ProfileText.load(text)
        #expect(plan.gateway == GatewayPlan(openIMLoginPolicy: 4, connectionLimit: 50))
        #expect(
            try ProfileText.load(text, Self.overrides { $0.loginPolicy = "0" }).gateway
                == GatewayPlan(openIMLoginPolicy: 0, connectionLimit: 50))
    }

    @Test(
        arguments: [
            ("3.8.3", "Az09_{index}"), ("3.5.1", "user-1.~{index}@x"), ("3.5.1", "{index}"),
        ])
    func idsThatCanBeRegistered(version: String, id: String) throws {
        let text = ProfileText.openIM(section: "{ version: \(version) }", accounts: "{ count: 10, id: \"\(id)\" }")
        #expect(try ProfileText.load(text).accounts.id == Template(parsing: id))
    }

    @Test func oneAccountNeedsNoIndex() throws {
        let text = ProfileText.openIM(accounts: "{ count: 1, id: me }")
        #expect(try ProfileText.load(text).accounts.id == Template(literal: "me"))
    }

    /// What the profile says of its own target's API and version goes with that target.
    @Test func optionsReplaceTheSection() throws {
        let bundled = ProfileText.openIM(section: "{ version: 3.5.1, secret: s }")
        #expect(try ProfileText.load(bundled).openIM == OpenIMPlan(version: .v3_5_1, secret: "s"))
        let elsewhere = Self.overrides {
            $0.target = "ws://other:1/"
            $0.openIMAPI = "http://other:2"
        }
        #expect(try ProfileText.load(bundled, elsewhere).openIM == OpenIMPlan(api: "http://other:2", secret: "s"))

        let own = bundled + "target: ws://own:1/\n"
        let withAPI = own.replacing("{ version", with: "{ api: \"http://own:2\", version")
        #expect(
            try ProfileText.load(withAPI).openIM
                == OpenIMPlan(api: "http://own:2", version: .v3_5_1, secret: "s"))
        #expect(
            try ProfileText.load(withAPI, elsewhere).openIM
                == OpenIMPlan(api: "http://other:2", version: .v3_5_1, secret: "s"))
        #expect(
            try ProfileText.load(withAPI, Self.overrides { $0.target = "bundled" }).openIM == OpenIMPlan(secret: "s"))
        #expect(
            try ProfileText.load(
                own,
                Self.overrides {
                    $0.openIMVersion = "3.8.3"
                    $0.openIMSecret = "t"
                    $0.tokens = "./fetch.csv"
                }
            ).openIM == OpenIMPlan(version: .v3_8_3, secret: "t", tokens: .file("./fetch.csv")))
        #expect(try ProfileText.load(own, Self.overrides { $0.tokens = "mint" }).openIM?.tokens == .mint)
    }

    /// It may be set for other runs.
    @Test func aSecretInTheEnvironmentDoesNotDisturbAnotherDialect() throws {
        let plan = try ProfileText.load(ProfileText.with(lines: ""), Self.overrides { $0.openIMSecret = "s" })
        #expect(plan.openIM == nil)
    }
}

extension Plan {
    fileprivate func withLoad(_ load: Load) -> Plan {
        var plan = self
        plan.load = load
        return plan
    }
}
