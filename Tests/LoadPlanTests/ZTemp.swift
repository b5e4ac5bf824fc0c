import Testing
import Foundation
import LoadPlan
@Suite struct ZTemp {
    @Test func timing() {
        let clock = ContinuousClock()
        func t(_ n: String, _ s: String) {
            var c = 0
            let d = clock.measure { c = ProfileText.problems(s).count }
            FileHandle.standardError.write(Data("\(n) \(s.utf8.count) \(d) \(c)\n".utf8))
        }
        t("distinct", (0..<90_000).map { "k\($0): 1" }.joined(separator: "\n"))
        t("dups", (0..<40_000).map { "k\($0): 1" }.joined(separator: "\n") + "\n" + (0..<40).map { "k\($0): 1" }.joined(separator: "\n"))
        t("list", "steps: [" + String(repeating: "a,", count: 99_000) + "]")
        t("stars", String(repeating: "*a ", count: 300_000))
        t("tpl", "steps: [send: '" + String(repeating: "{index}", count: 140_000) + "']")
        t("dupnested", (0..<9_000).map { "k\($0): {a: 1, a: 2}" }.joined(separator: "\n"))
        t("hash", (0..<500).map { "? [\(String(repeating: "a,", count: 500))\($0)]\n: 1\n" }.joined())
        t("name", "name: " + String(repeating: "é", count: 500_000))
        t("deepanchors", (0..<300).map { "k\($0): &a\($0) [" + String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + "]" }.joined(separator: "\n") + "\nx: [" + String(repeating: "*a1, ", count: 3000) + "]")
        t("url", "target: ws://h/" + String(repeating: "%41{index}", count: 100_000))
        t("host", "target: ws://" + String(repeating: "a", count: 1_000_000))
    }
}
