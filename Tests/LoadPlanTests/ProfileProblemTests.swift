import LoadPlan
import Testing

/// Bad values, each with its whole message.
@Suite struct ProfileProblemTests {
    @Test(arguments: [
        ("about: [a]", "5:8 about: expected a text, found a list"),
        ("about:", "5:7 about: expected a text, found nothing"),
        ("dialect: opnim", "5:10 dialect: expected one of plain, openim; found \"opnim\" (did you mean openim?)"),
        (
            "target: bundeld",
            "5:9 target: expected a URL that begins with ws:// or wss://, found \"bundeld\" (did you mean bundled?)"
        ),
        ("target: http://h/", "5:9 target: expected ws:// or wss://, found \"http://\" (write ws://h/)"),
        ("target: \"ws://h:0/\"", "5:17 target: expected a port from 1 to 65535, found \"0\""),
        ("target: []", "5:9 target: expected bundled, a URL or a mapping, found an empty list"),
        ("target: { tls: {} }", "5:9 target: the key url is missing"),
        (
            "target: { url: bundled }",
            "5:16 target.url: expected a URL, found bundled (write target: bundled; tls and sources need a URL)"
        ),
        (
            "target: { url: ws://h, tls: { insecure: true } }",
            "5:29 target.tls: tls has no meaning with a ws:// URL (write wss://, or leave tls out)"
        ),
        (
            "target: { url: wss://h, tls: { insecure: yes } }",
            "5:42 target.tls.insecure: expected true or false, found \"yes\" (write true)"
        ),
        (
            "target: { url: wss://h, tls: { insecure: true, ca: a.pem } }",
            "5:52 target.tls.ca: ca is pointless with insecure: true, which accepts any certificate (leave one of them out)"
        ),
        (
            "target: { url: wss://h, tls: { server_name: a b } }",
            "5:45 target.tls.server_name: expected a host name or an IP address: \" \" cannot stand in a host name, found \"a b\""
        ),
        (
            "target: { url: wss://h, tls: { ca: \"\" } }",
            "5:36 target.tls.ca: expected the name of a PEM file without control characters, found \"\""
        ),
        (
            "target: { url: ws://h, sources: [] }",
            "5:33 target.sources: expected at least one IP address (leave sources out)"
        ),
        (
            "target: { url: ws://h, sources: [eth0] }",
            "5:34 target.sources[0]: expected an IP address of this machine, found \"eth0\""
        ),
        (
            "target: { url: ws://h, sources: [127.0.0.1, 127.0.0.1] }",
            "5:45 target.sources[1]: 127.0.0.1 is listed twice"
        ),
        (
            "target: { url: \"ws://[::1]/\", sources: [127.0.0.1] }",
            "5:41 target.sources[0]: the IPv4 address 127.0.0.1 cannot reach the IPv6 address ::1"
        ),
        ("timeouts: { conect: 1s }", "5:13 timeouts.conect: unknown key \"conect\" (did you mean connect?)"),
        (
            "timeouts: { duration: 1s }",
            "5:13 timeouts.duration: unknown key \"duration\" (duration belongs in load; the keys here are connect, tls, handshake, admission, send, receive, ping, close)"
        ),
        ("timeouts: { ping: 0 }", "5:19 timeouts.ping: expected a duration longer than 0"),
        ("timeouts: { ping: 5 }", "5:20 timeouts.ping: expected a unit (us, ms, s, m or h) after 5 (e.g. 5s or 5ms)"),
        ("stall: {}", "5:8 stall: the key after is missing"),
        ("stall: 5s", "5:8 stall: expected a mapping (after), found \"5s\""),
        ("max_message: 2GiB", "5:14 max_message: expected 1 to 1GiB bytes, found 2GiB"),
        (
            "max_message: 4k",
            "5:15 max_message: expected a unit (B, kB, MB, GB, KiB, MiB or GiB), found \"k\" (write 4KiB)"
        ),
        ("thresholds: reply.p99 < 1s", "5:13 thresholds: expected a list of thresholds, found \"reply.p99 < 1s\""),
        (
            "thresholds: [outcomes.faild == 0]",
            "5:23 thresholds[0]: outcomes has no \"faild\" (did you mean outcomes.failed?)"
        ),
        (
            "thresholds: [\"session.p99 < 5\"]",
            "5:30 thresholds[0]: expected a unit (us, ms, s, m or h) after 5 (e.g. 5s or 5ms)"
        ),
        ("thresholds: [tls.p99 < 1s]", "5:14 thresholds[0]: tls is never measured: the target is not wss://"),
        (
            "thresholds: [reply.p99 < 1s]",
            "5:14 thresholds[0]: reply is never measured: the steps have no send with a receive"
        ),
        (
            "thresholds: [ping.max < 1s]",
            "5:14 thresholds[0]: ping is never measured: no step pings, and no connect has a heartbeat"
        ),
        ("acounts: { count: 1 }", "5:1 acounts: unknown key \"acounts\" (did you mean accounts?)"),
        ("name: again", "5:1 name: the key \"name\" is given twice, first in line 1"),
        (
            "1: 2",
            "5:1 1: unknown key \"1\" (the keys here are name, about, target, dialect, openim, gateway, watch, accounts, kick, load, steps, timeouts, stall, thresholds, back_off, max_message)"
        ),
        ("? [a]\n: b", "5:3 expected the name of a key"),
        ("about: !mine x", "5:8 about: the tag \"!mine\" is not known here (leave it out)"),
        (
            "about: \"\\e[31m\"\n\"a\\nb\": 1",
            "6:1 \"a\\nb\": unknown key \"a\\nb\" (the keys here are name, about, target, dialect, openim, gateway, watch, accounts, kick, load, steps, timeouts, stall, thresholds, back_off, max_message)"
        ),
    ])
    func documents(line: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.with(lines: line)) == [problem])
    }

    @Test(arguments: [
        ("name: [a]", "1:7 name: expected a text, found a list"),
        (
            "name: a b",
            "1:7 name: expected up to 64 letters, digits, '-', '_' and '.', found \"a b\" (what the profile does is said in about:)"
        ),
        (
            "name: ../x",
            "1:7 name: expected up to 64 letters, digits, '-', '_' and '.', found \"../x\" (what the profile does is said in about:)"
        ),
        (
            "name: t\nx: y",
            "2:1 x: unknown key \"x\" (the keys here are name, about, target, dialect, openim, gateway, watch, accounts, kick, load, steps, timeouts, stall, thresholds, back_off, max_message)"
        ),
    ])
    func names(line: String, problem: String) {
        #expect(
            ProfileText.problems("\(line)\naccounts: {count: 1}\nload: {iterations: 1}\nsteps: [connect, close]") == [
                problem
            ])
    }

    @Test(arguments: [
        ("accounts: 5", "expected a mapping (count, logins, id), found \"5\""),
        ("accounts: {}", "the key count is missing"),
        ("accounts: { count: 0 }", "expected a whole number from 1 to 10000000, found \"0\""),
        ("accounts: { count: -1 }", "expected a whole number from 1 to 10000000, found \"-1\""),
        ("accounts: { count: 1.5 }", "expected a whole number from 1 to 10000000, found \"1.5\""),
        ("accounts: { count: many }", "expected a whole number from 1 to 10000000, found \"many\""),
        (
            "accounts: { count: \"5\" }",
            "expected a whole number from 1 to 10000000, found the text \"5\" (write it without quotes)"
        ),
        (
            "accounts: { count: 99999999999999999999 }",
            "expected a whole number from 1 to 10000000, found \"99999999999999999999\""
        ),
        (
            "accounts: { count: 1, id: \"{account}\" }",
            "an account's id stays the same, so {account} cannot be in it ({index} is the account's number)"
        ),
        ("accounts: { count: 1, id: \"\" }", "expected an account's id without control characters, found \"\""),
        (
            "accounts: { count: 1, id: \"a\\r\\nb\" }",
            "expected an account's id without control characters, found \"a\\r\\nb\""
        ),
    ])
    func accounts(line: String, problem: String) {
        let problems = ProfileText.problems("name: t\n\(line)\nload: {iterations: 1}\nsteps: [connect, close]")
        #expect(problems.count == 1 && problems.first?.hasSuffix(": \(problem)") == true, "\(problems)")
    }

    @Test(arguments: [
        ("{}", "load: neither duration nor iterations says when the run is over (e.g. load: { duration: 60s })"),
        (
            "{ ramp: 1s }",
            "load: neither duration nor iterations says when the run is over (e.g. load: { duration: 60s })"
        ),
        ("{ duration: 0 }", "load.duration: expected a duration longer than 0"),
        ("{ iterations: 0 }", "load.iterations: expected a whole number from 1 to 1000000000, found \"0\""),
        ("{ duration: 1s, model: opne }", "load.model: expected closed; found \"opne\""),
        (
            "{ duration: 1s, rate: 5 }",
            "load.rate: unknown key \"rate\" (the keys here are model, duration, iterations, ramp, grace)"
        ),
        (
            "{ duration: 1s, ramp: 1500ms }",
            "load: the ramp of 1s500ms is longer than the duration of 1s: some accounts would never start"
        ),
        ("[]", "load: expected a mapping (model, duration, iterations, ramp, …), found an empty list"),
    ])
    func loads(load: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.with(steps: "  - connect\n  - close", load: load))
        #expect(problems.count == 1 && problems.first?.hasSuffix(" \(problem)") == true, "\(problems)")
    }

    @Test func missingKeysAreAllNamed() {
        #expect(
            ProfileText.problems("about: nothing") == [
                "1:1 the key name is missing", "1:1 the key accounts is missing", "1:1 the key load is missing",
                "1:1 the key steps is missing",
            ])
    }
}
