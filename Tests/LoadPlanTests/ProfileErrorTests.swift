import LoadPlan
import Testing

@Suite struct ProfileErrorTests {
    @Test func everyProblemIsTold() throws {
        let text = """
            name: online offline
            acounts: { count: 100 }
            load: { duraton: 60s }
            steps:
              - recieve
              - send: { text: "hi {acount}" }
              - close: { code: 1006 }
            thresholds: [ "handshake.p99 < 250" ]
            """
        let error = #expect(throws: ProfileError.self) { try ProfileText.load(text) }
        #expect(
            error?.description == """
                t.yaml:1:1: the key accounts is missing
                    name: online offline
                    ^
                t.yaml:1:7: name: expected up to 64 letters, digits, '-', '_' and '.', found "online offline"
                    name: online offline
                          ^
                    hint: what the profile does is said in about:
                t.yaml:2:1: acounts: unknown key "acounts"
                    acounts: { count: 100 }
                    ^
                    hint: did you mean accounts?
                t.yaml:3:7: load: neither duration nor iterations says when the run is over
                    load: { duraton: 60s }
                          ^
                    hint: e.g. load: { duration: 60s }
                t.yaml:3:9: load.duraton: unknown key "duraton"
                    load: { duraton: 60s }
                            ^
                    hint: did you mean duration?
                t.yaml:5:5: steps[0]: unknown step "recieve"
                      - recieve
                        ^
                    hint: did you mean receive?
                t.yaml:6:23: steps[1].send.text: unknown placeholder "{acount}"
                      - send: { text: "hi {acount}" }
                                          ^
                    hint: did you mean {account}?
                t.yaml:7:20: steps[2].close.code: a client may not send the close code 1006 (RFC 6455 §7.4)
                      - close: { code: 1006 }
                                       ^
                    hint: use 1000–1003, 1007–1011 or 3000–4999
                t.yaml:8:35: thresholds[0]: expected a unit (us, ms, s, m or h) after 250
                    thresholds: [ "handshake.p99 < 250" ]
                                                      ^
                    hint: e.g. 250s or 250ms
                9 problems
                """)
    }

    @Test func optionsComeLast() throws {
        var overrides = PlanOverrides()
        overrides.target = "http://h/"
        overrides.thresholds = ["reply.p99 <"]
        overrides.accounts = 0
        let error = #expect(throws: ProfileError.self) { try ProfileText.load("name: t", overrides) }
        #expect(
            error?.description == """
                t.yaml:1:1: the key accounts is missing
                    name: t
                    ^
                t.yaml:1:1: the key load is missing
                    name: t
                    ^
                t.yaml:1:1: the key steps is missing
                    name: t
                    ^
                --target: expected ws:// or wss://, found "http://"
                    http://h/
                    ^
                    hint: write ws://h/
                --accounts: expected a whole number from 1 to 10000000, found 0
                --threshold: expected a number, found the end
                    reply.p99 <
                               ^
                6 problems
                """)
    }

    @Test func manyProblemsAreCounted() {
        let lines = (0..<250).map { "x\($0): 1" }.joined(separator: "\n")
        let error = #expect(throws: ProfileError.self) { try ProfileText.load(ProfileText.with(lines: lines)) }
        #expect(error?.problems.count == 100)
        #expect(error?.unlistedCount == 150)
        #expect(error?.description.hasSuffix("\n… and 150 more\n250 problems") == true)
    }

    @Test func longLinesAreCutAroundTheCaret() throws {
        let text = ProfileText.with(
            lines: "about: [\(String(repeating: "a, ", count: 200))*b, \(String(repeating: "c, ", count: 200))]")
        let error = try #require(#expect(throws: ProfileError.self) { try ProfileText.load(text) })
        let problem = try #require(error.problems.first { $0.message.contains("*b") })
        let lines = try #require(problem.excerpt).description.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[0].count <= 4 + 122)
        let caret = try #require(lines[1].firstIndex(of: "^"))
        #expect(
            lines[0][
                lines[0].index(
                    lines[0].startIndex, offsetBy: lines[1].distance(from: lines[1].startIndex, to: caret))...
            ].hasPrefix("*b, c"))
    }

    @Test func controlCharactersDoNotReachTheTerminal() {
        let text = ProfileText.with(lines: #""\e[31mred\u202E": "\a""#)
        let error = #expect(throws: ProfileError.self) { try ProfileText.load(text) }
        let isClean = error?.description.unicodeScalars.allSatisfy {
            $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x202E)
        }
        #expect(isClean == true)
    }
}
