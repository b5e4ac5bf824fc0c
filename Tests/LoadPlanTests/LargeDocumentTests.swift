import LoadPlan
import Testing

/// Documents as large as they may be, made to cost as much as they can. Quadratic work would take hours.
@Suite(.timeLimit(.minutes(3))) struct LargeDocumentTests {
    private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
        (0..<count).map(line).joined(separator: "\n")
    }

    private static func copies(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(arguments: [
        ("unknown keys", lines(90_000) { "k\($0): 1" }),
        ("keys given twice", lines(40_000) { "k\($0): 1" } + "\n" + lines(40) { "k\($0): 1" }),
        ("keys given twice, nested", lines(9000) { "k\($0): {a: 1, a: 2}" }),
        ("unknown steps in one line", "steps: [\(copies("a,", 99_000))]"),
        ("placeholders", "steps: [send: '\(copies("{index}", 140_000))']"),
        ("stars", copies("*a ", 300_000)),
        ("lists as keys", lines(500) { "? [\(copies("a,", 500))\($0)]\n: 1" }),
        ("name", "name: \(copies("é", 500_000))"),
        ("resource", "target: ws://h/\(copies("%41{index}", 90_000))"),
        ("host", "target: ws://\(copies("a", 1_000_000))"),
        ("many aliases", "a: &a [\(copies("[", 60))\(copies("]", 60))]\nb: [\(copies("*a, ", 3000))]"),
    ])
    func endsInProblems(name: String, text: String) {
        #expect(text.utf8.count <= Profile.maxDocumentBytes)
        #expect(!ProfileText.problems(text).isEmpty)
    }
}
