import LoadPlan
import Testing

/// Bad steps, each with its whole message.
///
/// Each stands in line 6 between `connect` and `close`.
@Suite struct StepProblemTests {
    @Test(arguments: [
        ("conect", "6:5 steps[1]: unknown step \"conect\" (did you mean connect?)"),
        (
            "nonsense: x",
            "6:5 steps[1]: unknown step \"nonsense\" (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        ("send", "6:5 steps[1]: send does not stand alone (e.g. send: \"hello\")"),
        ("wait", "6:5 steps[1]: wait does not stand alone (e.g. wait: 20ms)"),
        ("repeat", "6:5 steps[1]: repeat does not stand alone (e.g. repeat: { times: 3, steps: [...] })"),
        (
            "[ping]",
            "6:5 steps[1]: expected a step, found a list (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        (
            "~",
            "6:5 steps[1]: expected a step, found nothing (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        (
            "{}",
            "6:5 steps[1]: expected a step, found an empty mapping (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        (
            "receive:\n    count: 2",
            "6:5 steps[1]: expected one step, found \"receive\" and \"count\" (indent what belongs to receive by two more spaces)"
        ),
        (
            "{ ping: , receive: }",
            "6:5 steps[1]: expected one step, found \"ping\" and \"receive\" (begin each step with a dash of its own)"
        ),
        ("abandon: 5s", "6:14 steps[1].abandon: expected a mapping (for, keep), found \"5s\""),
        ("abandon: { for: 0 }", "6:21 steps[1].abandon.for: expected a duration longer than 0"),
        (
            "abandon: { keep: 65 }",
            "6:22 steps[1].abandon.keep: expected a whole number from 1 to 64, found \"65\""
        ),
        (
            "choose",
            "6:5 steps[1]: choose does not stand alone (e.g. choose: [{ share: 1, steps: [...] }])"
        ),
        ("choose: 1", "6:13 steps[1].choose: expected a list of ways on, found \"1\""),
        (
            "choose: []",
            "6:13 steps[1].choose: expected at least one way on (e.g. - { share: 1, steps: [...] })"
        ),
        (
            "choose: [{ share: 0.5, steps: [] }, { share: 0.2, steps: [] }]",
            "6:13 steps[1].choose: the shares add up to 0.7, not to 1"
        ),
        (
            "choose: [{ share: 0, steps: [] }, { share: 1e0, steps: [] }]",
            "6:23 steps[1].choose[0].share: expected a share above 0, up to 1, such as 0.25; found \"0\" | 6:48 steps[1].choose[1].share: expected a share above 0, up to 1, such as 0.25; found \"1e0\""
        ),
        ("choose: [{ steps: [] }]", "6:14 steps[1].choose[0]: the key share is missing"),
        (
            "choose: [{ share: 1, step: [ping] }]",
            "6:14 steps[1].choose[0]: the key steps is missing | 6:26 steps[1].choose[0].step: unknown key \"step\" (did you mean steps?)"
        ),
        (
            "choose: [{ share: 0.5, steps: [close, connect] }, { share: 0.5, steps: [abandon] }]",
            "6:55 steps[1].choose[1]: this branch ends offline, the first one online (end all branches online, or all offline)"
        ),
        (
            "choose: [{ share: 1, steps: [connect] }]",
            "6:34 steps[1].choose[0].steps[0]: connects while the connection is open (close or abort it first)"
        ),
        ("ping: 5", "6:11 steps[1].ping: expected nothing behind this step, found \"5\""),
        ("connect", "6:5 steps[1]: connects while the connection is open (close or abort it first)"),
        ("send:", "6:10 steps[1].send: expected what to send, found nothing"),
        ("send: { }", "6:11 steps[1].send: expected text, binary or size (e.g. send: { text: \"hello\" })"),
        (
            "send: { txt: a }",
            "6:13 steps[1].send.txt: unknown key \"txt\" (did you mean text?) | 6:11 steps[1].send: expected text, binary or size (e.g. send: { text: \"hello\" })"
        ),
        ("send: { text: a, binary: \"00\" }", "6:30 steps[1].send.binary: a message is either text or binary"),
        (
            "send: { text: a, kind: text }",
            "6:28 steps[1].send.kind: kind goes with size alone; text and binary say it themselves (leave it out)"
        ),
        (
            "send: { size: 4, kind: txt }",
            "6:28 steps[1].send.kind: expected one of text, binary; found \"txt\" (did you mean text?)"
        ),
        ("send: { text: hello, size: 4 }", "6:32 steps[1].send.size: the message has 5 bytes already, more than 4"),
        ("send: { size: 0 }", "6:19 steps[1].send.size: expected 1 to 64MiB bytes, found 0"),
        ("send: { size: 65MiB }", "6:19 steps[1].send.size: expected 1 to 64MiB bytes, found 65MiB"),
        (
            "send: { binary: 0g }",
            "6:21 steps[1].send.binary: expected bytes in hexadecimal digits, e.g. 00ff17, found \"0g\""
        ),
        (
            "send: { binary: \"00 f\" }",
            "6:25 steps[1].send.binary: expected bytes in hexadecimal digits, e.g. 00ff17, found \"f\""
        ),
        ("send: \"hello {acount}\"", "6:18 steps[1].send: unknown placeholder \"{acount}\" (did you mean {account}?)"),
        (
            "send: { text: \"\\t{acount}\" }",
            "6:19 steps[1].send.text: unknown placeholder \"{acount}\" (did you mean {account}?)"
        ),
        (
            "receive: hello",
            "6:14 steps[1].receive: expected any or a mapping, found \"hello\" (to compare the message write receive: { equals: \"hello\" })"
        ),
        (
            "receive: { equals: a, contains: b }",
            "6:37 steps[1].receive.contains: a receive has one of any, equals and contains"
        ),
        ("receive: { any: false }", "6:21 steps[1].receive.any: any is true or absent"),
        (
            "receive: { contains: \"\" }",
            "6:26 steps[1].receive.contains: every message contains the empty text (write any: true)"
        ),
        (
            "receive: { count: 0 }",
            "6:23 steps[1].receive.count: expected a whole number from 1 to 1000000, found \"0\""
        ),
        (
            "receive: { timeout: 5 }",
            "6:26 steps[1].receive.timeout: expected a unit (us, ms, s, m or h) after 5 (e.g. 5s or 5ms)"
        ),
        ("wait: 0", "6:11 steps[1].wait: expected a duration longer than 0"),
        ("wait: ever", "6:11 steps[1].wait: expected a number, found \"ever\""),
        ("wait: {}", "6:11 steps[1].wait: expected uniform or exponential (e.g. wait: { uniform: [10ms, 50ms] })"),
        (
            "wait: { uniform: 5ms }",
            "6:22 steps[1].wait.uniform: expected two durations, e.g. [10ms, 50ms]; found \"5ms\""
        ),
        (
            "wait: { uniform: [5ms] }",
            "6:22 steps[1].wait.uniform: expected two durations, e.g. [10ms, 50ms]; found a list"
        ),
        (
            "wait: { uniform: [5ms, 1ms] }",
            "6:22 steps[1].wait.uniform: the shorter time comes first (write [1ms, 5ms])"
        ),
        (
            "wait: { uniform: [1ms, 5ms], exponential: 1s }",
            "6:47 steps[1].wait.exponential: a wait is either uniform or exponential"
        ),
        (
            "repeat: { times: 0, steps: [ping] }",
            "6:22 steps[1].repeat.times: expected a whole number from 1 to 1000000000, found \"0\""
        ),
        ("repeat: { times: 2 }", "6:13 steps[1].repeat: the key steps is missing"),
        (
            "repeat: { times: 2, steps: [] }",
            "6:32 steps[1].repeat.steps: expected at least one step, found an empty list"
        ),
        (
            "repeat: { times: 2, steps: [ping, {}] }",
            "6:39 steps[1].repeat.steps[1]: expected a step, found an empty mapping (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        (
            "repeat: { times: 2, steps: [close, wait: 1s] }",
            "6:33 steps[1].repeat.steps[0]: close without a connection (connect before it)"
        ),
    ])
    func steps(step: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.with(steps: "  - connect\n  - \(step)\n  - close"))
            .filter { !$0.hasPrefix("7:5 steps[2]: close without") }
        #expect(problems.sorted() == problem.split(separator: " | ").map(String.init).sorted())
    }

    @Test(arguments: [
        (
            "{ admit: png }",
            "steps[0].connect.admit: expected one of pong, message, none; found \"png\" (did you mean pong?)"
        ),
        ("{ heartbeat: 0 }", "steps[0].connect.heartbeat: expected a duration longer than 0"),
        ("{ headers: [a] }", "steps[0].connect.headers: expected a mapping of names to values, found a list"),
        (
            "{ headers: { Host: a } }",
            "steps[0].connect.headers.Host: the client sets Host itself (it is the target's host)"
        ),
        ("{ headers: { upgrade: a } }", "steps[0].connect.headers.upgrade: the client sets upgrade itself"),
        (
            "{ headers: { Sec-WebSocket-Key: a } }",
            "steps[0].connect.headers.Sec-WebSocket-Key: the client sets Sec-WebSocket-Key itself"
        ),
        (
            "{ headers: { Sec-WebSocket-Protocol: a } }",
            "steps[0].connect.headers.Sec-WebSocket-Protocol: the client sets Sec-WebSocket-Protocol itself (use connect.subprotocols)"
        ),
        (
            "{ headers: { Content-Length: 5 } }",
            "steps[0].connect.headers.Content-Length: Content-Length has no place in an upgrade request, which has no body"
        ),
        (
            "{ headers: { \"a b\": c } }",
            "steps[0].connect.headers.\"a b\": expected a header's name (letters, digits and !#$%&'*+-.^_`|~), found \"a b\""
        ),
        (
            "{ headers: { a: 1, A: 2 } }",
            "steps[0].connect.headers.A: the header A is given twice; case does not matter"
        ),
        (
            "{ headers: { a: \"b\\r\\nc: d\" } }",
            "steps[0].connect.headers.a: a header's value has printable ASCII characters only, without line breaks"
        ),
        (
            "{ headers: { a: é } }",
            "steps[0].connect.headers.a: a header's value has printable ASCII characters only, without line breaks"
        ),
        ("{ subprotocols: chat }", "steps[0].connect.subprotocols: expected a list of subprotocols, found \"chat\""),
        (
            "{ subprotocols: [] }",
            "steps[0].connect.subprotocols: expected at least one subprotocol (leave subprotocols out)"
        ),
        (
            "{ subprotocols: [a, b c] }",
            "steps[0].connect.subprotocols[1]: expected a token (letters, digits and !#$%&'*+-.^_`|~), found \"b c\""
        ),
        (
            "{ subprotocols: [a, a] }",
            "steps[0].connect.subprotocols[1]: the subprotocol a is listed twice (RFC 6455 §4.1)"
        ),
    ])
    func connects(details: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.with(steps: "  - connect: \(details)\n  - close"))
        #expect(problems.count == 1 && problems.first?.hasSuffix(" \(problem)") == true, "\(problems)")
    }

    @Test(arguments: [
        ("{ code: 999 }", "expected a whole number from 1000 to 4999, found \"999\""),
        (
            "{ code: 1005 }",
            "a client may not send the close code 1005 (RFC 6455 §7.4) (use 1000–1003, 1007–1011 or 3000–4999)"
        ),
        (
            "{ code: 1012 }",
            "a client may not send the close code 1012 (RFC 6455 §7.4) (use 1000–1003, 1007–1011 or 3000–4999)"
        ),
        (
            "{ code: 2999 }",
            "a client may not send the close code 2999 (RFC 6455 §7.4) (use 1000–1003, 1007–1011 or 3000–4999)"
        ),
        ("{ code: 5000 }", "expected a whole number from 1000 to 4999, found \"5000\""),
        ("{ code: none, reason: bye }", "a close frame without a code has no reason (give a code)"),
        (
            "{ reason: \(String(repeating: "é", count: 62)) }",
            "a close reason has at most 123 bytes (RFC 6455 §5.5), this has 124"
        ),
    ])
    func closes(details: String, problem: String) {
        let problems = ProfileText.problems(ProfileText.with(steps: "  - connect\n  - close: \(details)"))
        #expect(problems.count == 1 && problems.first?.hasSuffix(": \(problem)") == true, "\(problems)")
    }

    @Test(arguments: [
        (
            "receive, connect, close",
            "4:10 steps[0]: receive without a connection (connect before it) | 4:19 steps[1]: connects while the connection is open (close or abort it first)"
        ),
        (
            "choose: [{ share: 0.5, steps: [connect] }, { share: 0.5, steps: [] }], close",
            "4:53 steps[0].choose[1]: this branch ends offline, the first one online (end all branches online, or all offline)"
        ),
        ("connect, abandon, ping, abort", "4:28 steps[2]: ping without a connection (connect before it)"),
        ("connect, close, close", "4:26 steps[2]: close without a connection (connect before it)"),
        ("connect, abort, ping, close", "4:26 steps[2]: ping without a connection (connect before it)"),
        (
            "connect, ping",
            "4:19 steps[1]: the steps end with the connection open (end them with close, abort or abandon)"
        ),
        ("wait: 1s", "4:8 steps: no step connects (begin with connect)"),
        (
            "repeat: { times: 2, steps: [connect] }, close",
            "4:38 steps[0].repeat.steps[0]: connects while the connection is open (close or abort it first)"
        ),
        (
            "connect, nonsense, ping, ping",
            "4:19 steps[1]: unknown step \"nonsense\" (the steps are connect, send, receive, wait, ping, close, abort, abandon, repeat, choose, roles, stop_reading, takeover)"
        ),
        ("", "4:8 steps: expected at least one step, found an empty list"),
    ])
    func sequences(steps: String, problem: String) {
        let problems = ProfileText.problems("name: t\naccounts: {count: 1}\nload: {iterations: 1}\nsteps: [ \(steps) ]")
        #expect(problems == problem.split(separator: " | ").map(String.init))
    }

    @Test func waitingForTheEndNeedsAnEnd() {
        let text = ProfileText.with(steps: "  - connect\n  - wait: end\n  - close", load: "{ iterations: 1 }")
        #expect(
            ProfileText.problems(text) == [
                "6:11 steps[1].wait: wait: end never ends without load.duration (give a duration)"
            ])
    }

    @Test func idsMustFitWhereTheyGo() {
        let text = """
            name: t
            target: ws://h/{account}
            accounts: { count: 1, id: "é {index}" }
            load: { iterations: 1 }
            steps: [ connect: { headers: { X: "{account}" } }, close ]
            """
        #expect(
            ProfileText.problems(text) == [
                "3:27 accounts.id: the target's URL holds {account}, so the id can have only characters of a URL",
                "3:27 accounts.id: a header holds {account}, so the id can have only printable ASCII characters",
            ])
    }

    @Test func stepsAreCounted() {
        let many = Array(repeating: "ping", count: 10_001).joined(separator: ", ")
        let text = ProfileText.with(steps: "  - connect\n  - repeat: { times: 1, steps: [\(many)] }\n  - close")
        #expect(ProfileText.problems(text) == ["5:3 steps: 10004 steps; a profile has at most 10000 (use repeat)"])
    }
}
