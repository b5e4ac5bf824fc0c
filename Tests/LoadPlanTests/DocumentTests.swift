import Testing

@testable import LoadPlan

/// What is wrong with a document before its keys matter.
@Suite(.timeLimit(.minutes(2))) struct DocumentTests {
    private static let start = "(a profile is a mapping that begins with name:)"

    @Test(arguments: [
        ("", "1:1 the document is empty \(start)"),
        ("# only a comment\n", "1:1 the document is empty \(start)"),
        ("---\n...\n", "2:1 expected a mapping (name, about, target, dialect, …), found nothing"),
        ("- a\n- b", "1:1 expected a mapping (name, about, target, dialect, …), found a list"),
        ("hello", "1:1 expected a mapping (name, about, target, dialect, …), found \"hello\""),
        (
            "name: t\n\tabout: x",
            "2:1 not YAML: found a tab character that violates indentation, while scanning a plain scalar of line 1 (indent with spaces)"
        ),
        (
            "name: @t",
            "1:7 not YAML: found character that cannot start any token, while scanning for the next token of line 1 (indent with spaces, and quote a text that begins with a special character)"
        ),
        ("name: \"t", "1:9 not YAML: found unexpected end of stream, while scanning a quoted scalar of line 1"),
        (
            "name: a: b",
            "1:8 not YAML: mapping values are not allowed in this context (quote a text that has a colon in it, and check the indentation)"
        ),
        ("a: [1, 2", "2:1 not YAML: did not find expected ',' or ']', while parsing a flow sequence of line 1"),
        (
            "name: x\u{1}",
            "1:8 the character U+1 is not allowed in YAML (write it as an escape in double quotes, e.g. \"\\u0007\")"
        ),
        (
            "name: x\u{0}",
            "1:8 the character U+0 is not allowed in YAML (write it as an escape in double quotes, e.g. \"\\u0007\")"
        ),
        (
            "name: \u{10FFFE}b",
            "1:7 the character U+10FFFE is not allowed in YAML (write it as an escape in double quotes, e.g. \"\\u0007\")"
        ),
    ])
    func unreadable(text: String, problem: String) {
        #expect(ProfileText.problems(text) == [problem])
    }

    @Test func severalDocuments() {
        let text = ProfileText.with(lines: "---\nname: second")
        #expect(
            ProfileText.problems(text) == [
                "6:1 a second document begins here; a profile is one (write each profile to a file of its own)"
            ])
    }

    @Test func tooLarge() {
        let text = "about: " + String(repeating: "x", count: 1 << 20)
        #expect(ProfileText.problems(text) == ["1:1 the document has 1048583 bytes; a profile has at most 1048576"])
        let error = #expect(throws: ProfileError.self) { try Profile.load(bytes: Array(text.utf8), file: "t") }
        #expect(error?.problems.map(\.message) == ["the document has 1048583 bytes; a profile has at most 1048576"])
    }

    @Test func notUTF8() {
        let bytes = Array("name: t\nabout: é".utf8) + [0xFF, 0x41]
        let error = #expect(throws: ProfileError.self) { try Profile.load(bytes: bytes, file: "t") }
        #expect(
            error?.description.hasPrefix(
                "t:2:9: the file is not UTF-8: byte 0xFF at offset 17\n    about: é\n            ^\n") == true,
            "\(error?.description ?? "")")
        for cut in 1...3 {
            let bytes = Array("🙂".utf8.prefix(cut))
            let error = #expect(throws: ProfileError.self) { try Profile.load(bytes: bytes, file: "t") }
            #expect(error?.problems.map(\.message) == ["the file is not UTF-8: byte 0xF0 at offset 0"])
        }
    }

    @Test(arguments: [
        ("about: *nme", "5:8 about: the alias *nme has no anchor &nme before it"),
        (
            "stall: &stall { after: 1s }\ntimeouts: *stal",
            "6:11 timeouts: the alias *stal has no anchor &stal before it (did you mean *stall?)"
        ),
        ("about: *bold* text", "5:8 about: a plain text cannot begin with *, which makes an alias (put it in quotes)"),
        ("stall: &a { after: *a }", "5:20 stall.after: the alias *a has no anchor &a before it"),
        ("timeouts: { <<: 5s }", "5:17 timeouts: expected a mapping to merge, found \"5s\" (e.g. <<: *name)"),
        ("timeouts: { <<: [{ ping: 1s }, 5s] }", "5:32 timeouts[1]: expected a mapping to merge, found \"5s\""),
        ("stall: &a { after: 1s }\ntimeouts: { *a : 1s }", "6:13 timeouts: expected the name of a key"),
        (
            "stall: { <<: &x { after: 1 } }",
            "5:27 stall.after: expected a unit (us, ms, s, m or h) after 1 (e.g. 1s or 1ms)"
        ),
    ])
    func aliases(lines: String, problem: String) {
        #expect(ProfileText.problems(ProfileText.with(lines: lines)) == [problem])
    }

    @Test func anchorsMayBeDefinedAgain() throws {
        let plan = try ProfileText.load(
            ProfileText.with(
                lines: "stall: { after: &t 1s }\ntimeouts: { ping: &both *t, close: &t 2s, connect: *t }".replacing(
                    "&both *t", with: "*t")))
        #expect(plan.timeouts.ping == .seconds(1) && plan.timeouts.connect == .seconds(2))
    }

    /// Each level holds the one before nine times: 9¹⁰ values from half a kilobyte, were they expanded.
    @Test(arguments: [false, true])
    func aliasBombsAreRefused(asKey: Bool) {
        var lines = ["about: &a0 [x]"]
        for level in 1...10 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            lines.append("x\(level): &a\(level) [\(aliases)]")
        }
        if asKey { lines.append("? [*a10, *a10]\n: 1\n? [*a10, *a10, *a9]\n: 2") }
        let problems = ProfileText.problems(ProfileText.with(lines: lines.joined(separator: "\n")))
        #expect(
            problems.contains { $0.hasSuffix("the document has more than 100000 values, aliases expanded") },
            "\(problems)")
    }

    @Test func mergeBombsAreRefused() {
        var lines = ["timeouts: &a0 { ping: 1s }"]
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            lines.append("x\(level): &a\(level) { <<: [\(aliases)], y\(level): [\(aliases)] }")
        }
        let problems = ProfileText.problems(ProfileText.with(lines: lines.joined(separator: "\n")))
        #expect(
            problems.contains { $0.hasSuffix("the document has more than 100000 values, aliases expanded") },
            "\(problems)")
    }

    @Test(arguments: [1, 62, 63, 64, 500, 100_000])
    func depthIsLimited(depth: Int) {
        // The root and the innermost value are levels too, but for an empty list.
        let flow = (
            text: " " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth), levels: depth + 1
        )
        let dashes = (text: "\n  " + String(repeating: "- ", count: depth) + "x", levels: depth + 2)
        let lines = (1...min(depth, 700)).map { "\n" + String(repeating: " ", count: $0) + "-" }.joined()
        let block = (text: lines, levels: min(depth, 700) + 2)
        for (text, levels) in [flow, dashes, block] {
            let problems = ProfileText.problems(ProfileText.with(lines: "about:" + text))
            let isTooDeep = problems.contains {
                $0.contains("nested more than 64 levels deep") || $0.contains("Maximum nesting level")
            }
            #expect(isTooDeep == (levels > 64), "\(problems)")
        }
    }

    @Test func aliasesCannotGetAroundTheDepth() {
        var lines = ["about: &a0 [x]"]
        for level in 1...70 { lines.append("x\(level): &a\(level) [*a\(level - 1)]") }
        let problems = ProfileText.problems(ProfileText.with(lines: lines.joined(separator: "\n")))
        #expect(problems.contains { $0.hasSuffix("nested more than 64 levels deep") }, "\(problems)")
    }

    @Test func keysGivenTwiceDoNotHideOtherProblems() {
        let text = """
            name: t
            accounts: { count: 1, "count": 2, count: 3 }
            load: { duration: 5, 'duration': 6s }
            accounts: { cuont: 1 }
            steps: [connect, close: { code: 7, code: 8 }]
            """
        #expect(
            ProfileText.problems(text) == [
                #"2:23 accounts.count: the key "count" is given twice, first in line 2"#,
                #"2:35 accounts.count: the key "count" is given twice, first in line 2"#,
                "3:20 load.duration: expected a unit (us, ms, s, m or h) after 5 (e.g. 5s or 5ms)",
                #"3:22 load.duration: the key "duration" is given twice, first in line 3"#,
                #"4:1 accounts: the key "accounts" is given twice, first in line 2"#,
                #"5:33 steps[1].close.code: expected a whole number from 1000 to 4999, found "7""#,
                #"5:36 steps[1].close.code: the key "code" is given twice, first in line 5"#,
            ])
    }

    @Test func keysGivenTwiceThatCannotBeToldApart() {
        let escaped = ProfileText.with(lines: #"timeouts: { "\x70ing": 1s, ping: 2s, extra: 1 }"#)
        #expect(
            ProfileText.problems(escaped) == [
                #"5:13 the key "ping" is given twice in one mapping (the rest of the document was not looked at)"#
            ])
        let many = (1...100).map { "x\($0): 1\nx\($0): 2" }.joined(separator: "\n")
        let problems = ProfileText.problems(ProfileText.with(lines: many))
        #expect(problems.count == 31, "\(problems)")
        #expect(problems.contains { $0.hasSuffix("(the rest of the document was not looked at)") })
        #expect(
            ProfileText.problems("? {a: 1}\n: 1\n? {a: 1}\n: 2")
                == ["1:3 expected the name of a key (the rest of the document was not looked at)"])
        #expect(ProfileText.problems("\"\": 1\n\"\": 2").count == 1)
    }

    @Test func linesAreCountedAsYAMLDoes() {
        for lineEnd in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"] {
            let text = ["name: t", "about: é🙂 text", "x: 1"].joined(separator: lineEnd)
            let problems = ProfileText.problems(text)
            #expect(problems.contains { $0.hasPrefix("3:1 x: unknown key") }, "\(problems)")
            let error = #expect(throws: ProfileError.self) { try ProfileText.load(text) }
            #expect(error?.description.contains("\n    x: 1\n    ^\n") == true)
        }
    }
}
