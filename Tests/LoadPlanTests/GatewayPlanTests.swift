import LoadPlan
import Testing

/// The sections `gateway`, `watch` and `kick`, several logins, and what the command line says instead.
@Suite struct GatewayPlanTests {
    private static let text = """
        name: t
        accounts: { count: 3, logins: 4 }
        kick: { codes: [4001, 4009], expected: true }
        load: { iterations: 1 }
        steps: [connect, choose: [{ share: 0.999, steps: [abandon: { for: 2s, keep: 3 }] }, { share: .0015, steps: [abort] }]]
        gateway:
          processes: 2
          proxy: true
          messages: true
          defects: [slow, "never-close:share=0.5", "register-unregister-deadlock:order=A,queue=10,cure=split-loops"]
          login_policy: allowAll
          threads: 3
          queue_capacity: 10
          registration_delay: 1500us
          descriptors: 256
        watch:
          ports: [8080, 1]
          pids: [4194304]
          urls: [http://h/metrics, "https://[::1]:9100/a?b=c"]
          pprof: http://127.0.0.1:6060/debug/pprof
          series: [online_user_num, 'queue_depth{name="register"}']
        """

    private static func overrides(_ change: (inout PlanOverrides) -> Void) -> PlanOverrides {
        var overrides = PlanOverrides()
        change(&overrides)
        return overrides
    }

    @Test func everyKeyIsRead() throws {
        let plan = try ProfileText.load(Self.text)
        #expect(plan.accounts == Accounts(count: 3, logins: 4) && plan.accounts.clients == 12)
        #expect(plan.kick == Kick(codes: [4001, 4009], expected: true))
        #expect(
            plan.steps == [
                .connect(Connect()),
                .choose([
                    Choice(share: 0.999, steps: [.abandon(Abandon(lifetime: .seconds(2), keep: 3))]),
                    Choice(share: 0.0015, steps: [.abort]),
                ]),
            ])
        #expect(plan.connectionsAtMost == 12 * 4)
        #expect(
            plan.gateway
                == GatewayPlan(
                    processes: 2, proxy: true, messages: true,
                    defects: [
                        "slow", "never-close:share=0.5",
                        "register-unregister-deadlock:order=A,queue=10,cure=split-loops",
                    ], loginPolicy: .allowAll, threads: 3, queueCapacity: 10,
                    registrationDelay: .microseconds(1500), descriptors: 256))
        #expect(
            plan.watch
                == WatchPlan(
                    ports: [8080, 1], pids: [4_194_304], urls: ["http://h/metrics", "https://[::1]:9100/a?b=c"],
                    pprof: "http://127.0.0.1:6060/debug/pprof",
                    series: ["online_user_num", #"queue_depth{name="register"}"#]))
        #expect(try PlanJSON.roundTrip(plan) == plan)
    }

    @Test func nothingSaidIsTheDefault() throws {
        let plan = try ProfileText.load(ProfileText.with(lines: "gateway: {}\nwatch: {}\nkick: {}"))
        #expect(plan.gateway == GatewayPlan() && plan.watch == WatchPlan() && plan.kick == Kick())
        #expect(plan.accounts.logins == 1 && plan.accounts.clients == 1 && plan.connectionsAtMost == 1)
        #expect(plan == (try ProfileText.load(ProfileText.with(lines: ""))))
    }

    @Test func theCommandLineReplacesLists() throws {
        let plan = try ProfileText.load(
            Self.text,
            Self.overrides {
                $0.defects = ["crash-after:time=5s"]
                $0.watch = ["pid:7", "port:80", "pid:7"]
                $0.watchURLs = ["http://other/m"]
                $0.pprof = "https://other/p"
            })
        #expect(plan.gateway.defects == ["crash-after:time=5s"] && plan.gateway.threads == 3)
        #expect(
            plan.watch
                == WatchPlan(
                    ports: [80], pids: [7], urls: ["http://other/m"], pprof: "https://other/p",
                    series: ["online_user_num", #"queue_depth{name="register"}"#]))
        let none = try ProfileText.load(
            Self.text,
            Self.overrides {
                $0.defects = ["none"]
                $0.watch = ["none"]
            })
        #expect(none.gateway.defects == [] && none.watch.pids == [] && none.watch.ports == [])
        #expect(!none.watch.targetProcesses && none.watch.urls.count == 2)
        let proxied = try ProfileText.load(ProfileText.with(lines: ""), Self.overrides { $0.proxy = true })
        #expect(proxied.gateway == GatewayPlan(proxy: true))
    }

    @Test func anotherTargetHasNoUseForTheGatewaySection() throws {
        let plan = try ProfileText.load(Self.text, Self.overrides { $0.target = "ws://h:1/" })
        #expect(plan.gateway == GatewayPlan() && plan.watch.ports == [8080, 1])
        let written = ProfileText.with(lines: "target: ws://h/\ngateway: { threads: 1 }")
        let problem = "6:10 gateway: the gateway is started for target: bundled only (leave gateway out, or the target)"
        #expect(ProfileText.problems(written) == [problem])
        // A profile's faults do not depend on how it is run.
        #expect(ProfileText.problems(written, Self.overrides { $0.target = "bundled" }) == [problem])
    }

    @Test(arguments: [
        ("gateway: 5", "5:10 gateway: expected a mapping (processes, proxy, messages, defects, …), found \"5\""),
        ("gateway: { processes: 257 }", "5:23 gateway.processes: expected a whole number from 1 to 256, found \"257\""),
        ("gateway: { proxy: yes }", "5:19 gateway.proxy: expected true or false, found \"yes\" (write true)"),
        ("gateway: { defects: slow }", "5:21 gateway.defects: expected a list of defects, found \"slow\""),
        (
            "gateway: { defects: [Slow] }",
            "5:22 gateway.defects[0]: expected a defect's name (small letters and -), found \"Slow\""
        ),
        ("gateway: { defects: [none] }", "5:22 gateway.defects[0]: none is no defect (leave it out)"),
        (
            "gateway: { defects: [slow cpu] }",
            "5:26 gateway.defects[0]: expected : or the end behind the defect's name, found \" cpu\" (e.g. slow:key=value,key=value)"
        ),
        ("gateway: { defects: [\"slow:\"] }", "5:28 gateway.defects[0]: expected key=value, found nothing"),
        ("gateway: { defects: [\"slow:cpu\"] }", "5:28 gateway.defects[0]: expected key=value, found \"cpu\""),
        (
            "gateway: { defects: [\"slow:cpu=1ms,\"] }",
            "5:36 gateway.defects[0]: expected key=value, found nothing"
        ),
        (
            "gateway: { defects: [\"slow:cpu=1 ms\"] }",
            "5:33 gateway.defects[0]: expected a value without spaces behind cpu="
        ),
        (
            "gateway: { login_policy: kickolder }",
            "5:26 gateway.login_policy: expected one of kickOlder, allowAll; found \"kickolder\" (did you mean kickOlder?)"
        ),
        (
            "gateway: { registration_delay: 2h }",
            "5:32 gateway.registration_delay: expected at most 1h, found 2h"
        ),
        (
            "gateway: { descriptors: 10 }",
            "5:25 gateway.descriptors: expected a whole number from 64 to 1000000000, found \"10\""
        ),
        ("watch: { ports: [65536] }", "5:18 watch.ports[0]: expected a whole number from 1 to 65535, found \"65536\""),
        ("watch: { pids: [5, 5] }", "5:20 watch.pids[1]: 5 is listed twice"),
        (
            "watch: { urls: [h:1/metrics] }",
            "5:17 watch.urls[0]: expected a URL that begins with http:// or https://, found \"h:1/metrics\" (did you mean http://h:1/metrics?)"
        ),
        (
            "watch: { urls: [\"http://h:0/\"] }",
            "5:27 watch.urls[0]: expected a port from 1 to 65535, found \"0\""
        ),
        (
            "watch: { pprof: \"http://h/{account}\" }",
            "5:27 watch.pprof: placeholders have no meaning in this URL"
        ),
        ("watch: { series: [\"\"] }", "5:19 watch.series[0]: expected a text without control characters, found \"\""),
        ("kick: { codes: [] }", "5:16 kick.codes: expected at least one close code (leave codes out)"),
        ("kick: { codes: [999] }", "5:17 kick.codes[0]: expected a whole number from 1000 to 4999, found \"999\""),
        ("kick: { codes: [4001, 4001] }", "5:23 kick.codes[1]: the close code 4001 is listed twice"),
        ("kick: { expect: true }", "5:9 kick.expect: unknown key \"expect\" (did you mean expected?)"),
        (
            "processes: 2",
            "5:1 processes: unknown key \"processes\" (processes belongs in gateway; the keys here are name, about, target, dialect, openim, gateway, watch, accounts, kick, load, steps, timeouts, stall, thresholds, back_off, max_message)"
        ),
    ])
    func refuses(line: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.with(lines: line)) == [problem])
    }

    @Test func clientsAreLimitedLikeAccounts() {
        let text = ProfileText.with(lines: "").replacing("{ count: 1 }", with: "{ count: 20000, logins: 1000 }")
        let problem = "20000 accounts with 1000 logins are more than 10000000 clients"
        #expect(ProfileText.problems(text) == ["2:35 accounts.logins: \(problem)"])
        #expect(
            ProfileText.problems(
                text.replacing("20000", with: "2"), Self.overrides { $0.accounts = 20000 })
                == ["--accounts: \(problem)"])
        #expect(
            ProfileText.problems(text.replacing("1000 }", with: "0 }"))
                == ["2:35 accounts.logins: expected a whole number from 1 to 1000, found \"0\""])
    }

    @Test func idsAreTheSameForAllLogins() {
        let text = ProfileText.with(lines: "").replacing("{ count: 1 }", with: "{ count: 1, id: \"a{login}\" }")
        #expect(
            ProfileText.problems(text) == [
                "2:27 accounts.id: an account's id stays the same, so {login} cannot be in it ({index} is the account's number)"
            ])
    }

    @Test(
        arguments: [
            (
                overrides { $0.defects = ["none", "slow"] }, "--defect: none is no defect (leave it out)"
            ),
            (overrides { $0.defects = ["slow:x"] }, "--defect: expected key=value, found \"x\""),
            (
                overrides { $0.watch = ["none", "pid:1"] }, "--watch: none goes alone"
            ),
            (
                overrides { $0.watch = ["8080"] },
                "--watch: expected pid:N, port:N or none, found \"8080\" (did you mean pid:8080 or port:8080?)"
            ),
            (
                overrides { $0.watch = ["port:+8"] },
                "--watch: expected a whole number from 1 to 65535 behind port:, found \"port:+8\""
            ),
            (
                overrides { $0.watchURLs = ["ftp://h"] },
                "--watch-url: expected a URL that begins with http:// or https://, found \"ftp://h\""
            ),
            (
                overrides { $0.pprof = "http://" }, "--pprof: expected a host"
            ),
            (
                overrides {
                    $0.target = "ws://h/"
                    $0.defects = ["slow"]
                }, "--defect: has a meaning with the bundled gateway only"
            ),
            (
                overrides {
                    $0.target = "ws://h/"
                    $0.proxy = true
                }, "--proxy: has a meaning with the bundled gateway only"
            ),
        ] as [(PlanOverrides, String)])
    func refuses(overrides: PlanOverrides, problem: String) {
        #expect(ProfileText.problems(ProfileText.with(lines: ""), overrides) == [problem])
    }
}
