import LoadPlan
import Testing

/// Whatever is in the text, loading it ends in a plan or in problems that have places.
@Suite struct ProfileFuzzTests {
    private static let fragments = [
        "{", "}", "[", "]", ":", "-", "- ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "\"", "'", "|", ">", "#", "!!str ",
        "!x ", "? ", "---\n", "...",
        "%YAML", "{index}", "{{", "}", "0", "-1", "1e9", "99999999999999999999", "5s", "~", "null", "true", "é", "🙂",
        "\u{2028}", "\r", "\u{FEFF}",
        "name", "steps", "repeat", "count", "dialect: openim", "openim: ", "roles", "takeover", "to: hot", "push: ",
        "{token}", ",", "@", "`", "%", "\u{0}", "\u{7F}", "\u{FFFD}",
    ]

    @Test func mutatedProfilesNeverCrash() {
        var random = SeededRandom()
        let texts = ProfileLibrary.entries.map { Array($0.text.unicodeScalars) }
        var (good, bad) = (0, 0)
        for round in 0..<4000 {
            var text = texts.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) { Self.mutate(&text, texts, &random) }
            let document = String(String.UnicodeScalarView(text))
            do throws(ProfileError) {
                _ = try Profile.load(text: document, file: "f")
                good += 1
            } catch {
                bad += 1
                let lineCount = text.count + 2
                let isSound = error.problems.allSatisfy { problem in
                    (1...lineCount).contains(problem.line ?? 0) && (problem.column ?? 0) >= 1
                        && !problem.message.isEmpty
                }
                #expect(!error.problems.isEmpty && isSound, "round \(round), seed \(random.seed)")
                #expect(!error.description.isEmpty)
            }
        }
        #expect(good > 0 && bad > 1000, "\(good) good, \(bad) bad, seed \(random.seed)")
    }

    @Test func mutatedBytesNeverCrash() {
        var random = SeededRandom()
        for _ in 0..<2000 {
            var bytes = Array((ProfileLibrary.entries.randomElement(using: &random)?.text ?? "").utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? Profile.load(bytes: bytes, file: "f")
        }
    }

    @Test func shortTextsNeverCrash() {
        var random = SeededRandom()
        let words =
            Self.fragments + [
                "ws://", "wss://", "[::1]", "h", ":80", "/p", "?q={account}", "%41", "reply", ".p99", " < ", "==", "ms",
                "1.5", "h", "m", "outcomes.", "KiB", ".",
            ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in words.randomElement(using: &random)
            }.joined()
            _ = try? DurationText.parse(text)
            _ = try? ByteSizeText.parse(text)
            if let url = try? TargetURL(parsing: text) {
                #expect((try? TargetURL(parsing: url.description)) == url, "seed \(random.seed)")
            }
            if let template = try? Template(parsing: text) {
                #expect((try? Template(parsing: template.sourceText)) == template, "seed \(random.seed)")
            }
            do throws(TextProblem) {
                _ = try Threshold(parsing: text)
            } catch {
                #expect((1...text.unicodeScalars.count + 1).contains(error.column), "\(text), seed \(random.seed)")
            }
        }
    }

    private static func mutate(
        _ text: inout [Unicode.Scalar], _ texts: [[Unicode.Scalar]], _ random: inout SeededRandom
    ) {
        let place = Int.random(in: 0...text.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            text.insert(contentsOf: (fragments.randomElement(using: &random) ?? "").unicodeScalars, at: place)
        case 1:
            text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...12, using: &random)))
        case 2:
            let piece = text[place..<min(text.count, place + Int.random(in: 1...80, using: &random))]
            text.insert(contentsOf: piece, at: Int.random(in: 0...text.count, using: &random))
        case 3:
            if place < text.count, let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random)) {
                text[place] = scalar
            }
        case 4:
            let other = texts.randomElement(using: &random) ?? []
            let start = Int.random(in: 0...other.count, using: &random)
            text.insert(contentsOf: other[start..<min(other.count, start + 60)], at: place)
        default:
            text.removeLast(min(text.count, Int.random(in: 1...40, using: &random)))
        }
    }
}
