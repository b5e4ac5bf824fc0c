import LoadPlan
import Testing

/// Good documents and their plans.
@Suite struct ProfileTests {
    @Test func smallestProfileHasTheDefaults() throws {
        let plan = try ProfileText.load("name: t\naccounts: {count: 2}\nload: {iterations: 3}\nsteps: [connect, close]")
        #expect(
            plan
                == Plan(
                    name: "t", about: "", target: .bundled, dialect: .plain, accounts: Accounts(count: 2),
                    load: Load(duration: nil, iterations: 3, ramp: .seconds(1), grace: .seconds(10)),
                    steps: [.connect(Connect()), .close(Close(code: 1000, reason: ""))], timeouts: Timeouts(),
                    stallAfter: .seconds(5), thresholds: [], maxMessageBytes: 16 << 20))
        #expect(plan.timeouts.handshake == .seconds(10))
        #expect(try plan.accounts.id == Template(parsing: "user-{index}"))
    }

    @Test func everyKeyArrives() throws {
        let plan = try ProfileText.load(
            """
            %YAML 1.1
            ---
            name: all.keys_1
            about: |
              Two lines
              of text.
            target:
              url: wss://example.org:8443/ws?u={account}
              tls: { ca: certs/ca.pem, server_name: gate.example.org }
              sources: [127.0.0.2, 127.0.0.3]
            dialect: plain
            accounts: { count: 7, id: "a{index}" }
            load: { model: closed, duration: 1m, iterations: 10, ramp: 2s, grace: 0 }
            steps: [connect, close]
            timeouts: { connect: 1s, tls: 2s, handshake: 3s, admission: 4s, send: 5s, receive: 6s, ping: 7s, close: 8s }
            stall: { after: 1500ms }
            thresholds: ["tls.p99 < 1s", messages.sent == 0]
            max_message: 4KiB
            """)
        #expect(plan.name == "all.keys_1")
        #expect(plan.about == "Two lines\nof text.\n")
        #expect(
            try plan.target
                == .url(
                    TargetURL(
                        isSecure: true, host: "example.org", port: 8443, resource: Template(parsing: "/ws?u={account}"),
                        tls: TLSSettings(caFile: "certs/ca.pem", serverName: "gate.example.org"),
                        sources: ["127.0.0.2", "127.0.0.3"])))
        #expect(try plan.accounts == Accounts(count: 7, id: Template(parsing: "a{index}")))
        #expect(plan.load == Load(duration: .seconds(60), iterations: 10, ramp: .seconds(2), grace: .zero))
        #expect(
            plan.timeouts
                == Timeouts(
                    connect: .seconds(1), tls: .seconds(2), handshake: .seconds(3), admission: .seconds(4),
                    send: .seconds(5),
                    receive: .seconds(6), ping: .seconds(7), close: .seconds(8)))
        #expect(plan.stallAfter == .milliseconds(1500))
        #expect(plan.thresholds.map(\.expression) == ["tls.p99 < 1s", "messages.sent == 0"])
        #expect(plan.maxMessageBytes == 4096)
    }

    @Test(
        arguments: [
            ("connect", .connect(Connect())), ("connect:", .connect(Connect())), ("connect: {}", .connect(Connect())),
            ("connect: { admit: none }", .connect(Connect(admit: .none))),
            (
                "connect: { admit: message, heartbeat: 30s }",
                .connect(Connect(admit: .message, heartbeat: .seconds(30)))
            ),
            (
                #"connect: { headers: { X-User: "{account}", Cookie: a=b }, subprotocols: [chat.v1, chat.v2] }"#,
                .connect(
                    Connect(
                        headers: [
                            Header(name: "X-User", value: Template(segments: [.placeholder(.account)])),
                            Header(name: "Cookie", value: Template(literal: "a=b")),
                        ], subprotocols: ["chat.v1", "chat.v2"]))
            ),
        ] as [(String, Step)])
    func connects(text: String, step: Step) throws {
        #expect(
            try ProfileText.load(ProfileText.with(steps: "  - \(text)\n  - close")).steps == [step, .close(Close())])
    }

    @Test(
        arguments: [
            (#"send: "hello""#, .send(Message(payload: Template(literal: "hello")))),
            ("send: 42", .send(Message(payload: Template(literal: "42")))),
            (#"send: """#, .send(Message(payload: Template(literal: "")))),
            (
                #"send: { text: "a{index}" }"#,
                .send(Message(payload: Template(segments: [.literal([97]), .placeholder(.index)])))
            ),
            ("send: { text: a, size: 1KiB }", .send(Message(payload: Template(literal: "a"), paddedToBytes: 1024))),
            (#"send: { binary: "00 ff10" }"#, .send(Message(kind: .binary, payload: Template(bytes: [0, 255, 16])))),
            (
                "send: { binary: 0012, size: 8 }",
                .send(Message(kind: .binary, payload: Template(bytes: [0, 18]), paddedToBytes: 8))
            ),
            ("send: { size: 64 }", .send(Message(payload: Template(segments: []), paddedToBytes: 64))),
            (
                "send: { size: 64, kind: binary }",
                .send(Message(kind: .binary, payload: Template(segments: []), paddedToBytes: 64))
            ),
            ("receive", .receive(Receive())), ("receive:", .receive(Receive())), ("receive: any", .receive(Receive())),
            ("receive: { any: true, count: 3, timeout: 5s }", .receive(Receive(count: 3, timeout: .seconds(5)))),
            (
                #"receive: { equals: "{account}" }"#,
                .receive(Receive(match: .equals(Template(segments: [.placeholder(.account)]))))
            ),
            (#"receive: { equals: "" }"#, .receive(Receive(match: .equals(Template(segments: []))))),
            (
                "receive: { contains: ok, count: 2 }",
                .receive(Receive(match: .contains(Template(literal: "ok")), count: 2))
            ),
            ("wait: 20ms", .wait(.fixed(.milliseconds(20)))), ("wait: end", .wait(.end)),
            ("wait: { uniform: [0, 50ms] }", .wait(.uniform(from: .zero, to: .milliseconds(50)))),
            ("wait: { exponential: 100ms }", .wait(.exponential(mean: .milliseconds(100)))),
            ("ping", .ping), ("ping:", .ping),
            (
                "repeat: { times: 3, steps: [ping, wait: 1s] }",
                .repeat(times: 3, steps: [.ping, .wait(.fixed(.seconds(1)))])
            ),
            (
                "repeat: { times: 2, steps: [repeat: { times: 2, steps: [ping] }] }",
                .repeat(times: 2, steps: [.repeat(times: 2, steps: [.ping])])
            ),
        ] as [(String, Step)])
    func plays(text: String, step: Step) throws {
        let steps = try ProfileText.load(ProfileText.with(steps: "  - connect\n  - \(text)\n  - close")).steps
        #expect(steps == [.connect(Connect()), step, .close(Close())])
    }

    @Test(
        arguments: [
            ("close", .close(Close())), ("close: { code: 1001 }", .close(Close(code: 1001))),
            ("close: { code: 4000, reason: bye }", .close(Close(code: 4000, reason: "bye"))),
            ("close: { reason: bye }", .close(Close(code: 1000, reason: "bye"))),
            ("close: { code: none }", .close(Close(code: nil))), ("abort", .abort),
        ] as [(String, Step)])
    func leaves(text: String, step: Step) throws {
        #expect(
            try ProfileText.load(ProfileText.with(steps: "  - connect\n  - \(text)")).steps == [
                .connect(Connect()), step,
            ])
    }

    @Test func connectionsInLoopsAreFollowed() throws {
        let steps = """
              - repeat: { times: 3, steps: [connect, ping, close, wait: 1ms] }
              - connect
              - repeat: { times: 1, steps: [ping, abort] }
            """
        #expect(try ProfileText.load(ProfileText.with(steps: steps)).steps.count == 3)
    }

    @Test func anchorsAliasesAndMergeKeysWork() throws {
        let plan = try ProfileText.load(
            """
            name: t
            accounts: &accounts { count: 5 }
            load: { duration: &time 7s, ramp: *time }
            timeouts: { connect: *time }
            steps:
              - connect: &how { admit: none, heartbeat: 1s }
              - close: &bye { code: 4000, reason: a }
              - connect: { <<: *how, heartbeat: 2s }
              - close: { <<: [{ code: 4001 }, *bye] }
            """)
        #expect(plan.load.ramp == .seconds(7) && plan.timeouts.connect == .seconds(7))
        #expect(
            plan.steps == [
                .connect(Connect(admit: .none, heartbeat: .seconds(1))), .close(Close(code: 4000, reason: "a")),
                .connect(Connect(admit: .none, heartbeat: .seconds(2))), .close(Close(code: 4001, reason: "a")),
            ])
    }

    @Test func starsInTextsAreNotAliases() throws {
        let steps = #"""
              - connect # *not an alias
              - send: "*a *b"
              - send: see *this
              - send: |
                  *block
              - close
            """#
        let plan = try ProfileText.load(ProfileText.with(steps: steps))
        let texts = plan.steps.compactMap { step -> String? in
            if case .send(let message) = step { message.payload.literalText } else { nil }
        }
        #expect(texts == ["*a *b", "see *this", "*block\n"])
    }

    @Test func plansSurviveJSON() throws {
        for entry in ProfileLibrary.entries {
            let plan = try Profile.load(text: entry.text, file: entry.file)
            #expect(try PlanJSON.roundTrip(plan) == plan)
        }
    }

    @Test func bytesAreRead() throws {
        let text = ProfileText.with(steps: "  - connect\n  - close")
        #expect(try Profile.load(bytes: Array("\u{FEFF}\(text)".utf8), file: "t").name == "t")
        #expect(
            try Profile.load(bytes: Array(text.utf8).map { $0 }, file: "t")
                == ProfileText.load(text.replacing("\n", with: "\r\n")))
    }
}
