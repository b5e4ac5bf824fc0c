import LoadPlan
import Testing

@Suite struct PlanOverridesTests {
    private static let text = """
        name: t
        target: { url: "wss://h:1/a", tls: { ca: a.pem, server_name: n }, sources: [127.0.0.2] }
        accounts: { count: 3, id: "x{index}" }
        load: { duration: 10s, ramp: 5s }
        steps: [connect, close]
        stall: { after: 2s }
        thresholds: [handshake.p99 < 1s]
        """

    private static func overrides(_ change: (inout PlanOverrides) -> Void) -> PlanOverrides {
        var overrides = PlanOverrides()
        change(&overrides)
        return overrides
    }

    @Test func optionsReplaceTheProfile() throws {
        let overrides = Self.overrides {
            $0.accounts = 9
            $0.duration = "1m"
            $0.iterations = 4
            $0.ramp = "0"
            $0.grace = "3s"
            $0.stallAfter = "1s"
            $0.thresholds = ["outcomes.failed == 0"]
        }
        let plan = try ProfileText.load(Self.text, overrides)
        #expect(try plan.accounts == Accounts(count: 9, id: Template(parsing: "x{index}")))
        #expect(plan.load == Load(duration: .seconds(60), iterations: 4, ramp: .zero, grace: .seconds(3)))
        #expect(plan.stallAfter == .seconds(1))
        #expect(plan.thresholds.map(\.expression) == ["handshake.p99 < 1s", "outcomes.failed == 0"])
    }

    @Test func targetReplacesAllOfTheProfilesTarget() throws {
        let plan = try ProfileText.load(Self.text, Self.overrides { $0.target = "ws://other:5/" })
        #expect(
            plan.target == .url(TargetURL(isSecure: false, host: "other", port: 5, resource: Template(literal: "/"))))
        #expect(try ProfileText.load(Self.text, Self.overrides { $0.target = "bundled" }).target == .bundled)
    }

    @Test func tlsAndSourcesChangeTheURLInUse() throws {
        func url(_ change: (inout PlanOverrides) -> Void) throws -> TargetURL? {
            guard case .url(let url) = try ProfileText.load(Self.text, Self.overrides(change)).target else {
                return nil
            }
            return url
        }
        let own = try url { $0.sources = ["::1"] }
        #expect(own?.tls == TLSSettings(caFile: "a.pem", serverName: "n") && own?.sources == ["::1"])
        #expect(try url { $0.insecure = true }?.tls == TLSSettings(insecure: true, serverName: "n"))
        #expect(try url { $0.caFile = "b.pem" }?.tls == TLSSettings(caFile: "b.pem", serverName: "n"))
        let other = try url {
            $0.target = "wss://o"
            $0.serverName = "m"
        }
        #expect(other?.tls == TLSSettings(serverName: "m") && other?.sources == [])
    }

    @Test func optionsMakeUpForMissingKeys() throws {
        let overrides = Self.overrides {
            $0.accounts = 2
            $0.iterations = 1
        }
        let plan = try ProfileText.load("name: t\nsteps: [connect, close]", overrides)
        #expect(plan.accounts == Accounts(count: 2) && plan.load == Load(iterations: 1))
        let empty = try ProfileText.load("name: t\naccounts: {}\nload: {}\nsteps: [connect, close]", overrides)
        #expect(empty == plan)
    }

    @Test(
        arguments: [
            (
                overrides { $0.target = "h:80" },
                "--target: expected a URL that begins with ws:// or wss://, found \"h:80\" (did you mean ws://h:80?)"
            ),
            (
                overrides { $0.accounts = 10_000_001 },
                "--accounts: expected a whole number from 1 to 10000000, found 10000001"
            ),
            (overrides { $0.iterations = 0 }, "--iterations: expected a whole number from 1 to 1000000000, found 0"),
            (
                overrides { $0.duration = "5" },
                "--duration: expected a unit (us, ms, s, m or h) after 5 (e.g. 5s or 5ms)"
            ),
            (overrides { $0.duration = "0" }, "--duration: expected a duration longer than 0"),
            (
                overrides { $0.duration = "2s" },
                "--duration: the ramp of 5s is longer than the duration of 2s: some accounts would never start (shorten the ramp too, with --ramp)"
            ),
            (
                overrides { $0.ramp = "11s" },
                "--ramp: the ramp of 11s is longer than the duration of 10s: some accounts would never start"
            ),
            (overrides { $0.grace = "x" }, "--grace: expected a number, found \"x\""),
            (overrides { $0.stallAfter = "0" }, "--stall-after: expected a duration longer than 0"),
            (
                overrides { $0.thresholds = ["ping.p99 < 1s"] },
                "--threshold: ping is never measured: no step pings, and no connect has a heartbeat"
            ),
            (overrides { $0.sources = ["lo"] }, "--source: expected an IP address of this machine, found \"lo\""),
            (
                overrides { $0.serverName = "" },
                "--server-name: expected a host name or an IP address: expected a host, found \"\""
            ),
            (overrides { $0.caFile = "" }, "--ca: expected the name of a file"),
        ] as [(PlanOverrides, String)])
    func refuses(overrides: PlanOverrides, problem: String) {
        #expect(ProfileText.problems(Self.text, overrides) == [problem])
    }

    @Test func tlsOptionsNeedTLS() {
        let overrides = Self.overrides {
            $0.target = "ws://h/"
            $0.insecure = true
            $0.serverName = "n"
        }
        #expect(
            ProfileText.problems(Self.text, overrides) == [
                "--insecure: has no meaning with ws://h/, which is not TLS (use a wss:// URL)",
                "--server-name: has no meaning with ws://h/, which is not TLS (use a wss:// URL)",
            ])
        let bundled = Self.overrides {
            $0.target = "bundled"
            $0.sources = ["127.0.0.1"]
        }
        #expect(
            ProfileText.problems(Self.text, bundled) == [
                "--source: has no meaning with the bundled gateway (name a server with --target)"
            ])
    }
}
