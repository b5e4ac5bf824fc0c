import LoadPlan
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0", Duration.zero), ("0s", .zero), ("500us", .microseconds(500)), ("20ms", .milliseconds(20)),
        ("5s", .seconds(5)), ("10m", .seconds(600)), ("1h", .seconds(3600)), ("1m30s", .seconds(90)),
        ("1h2m3s4ms5us", .seconds(3723) + .microseconds(4005)), ("1.5s", .milliseconds(1500)),
        ("0.001us", .nanoseconds(1)), ("2.50m", .seconds(150)), ("10000h", .seconds(36_000_000)), ("007s", .seconds(7)),
    ])
    func reads(text: String, duration: Duration) throws {
        #expect(try DurationText.parse(text) == duration)
    }

    @Test(
        arguments: [
            ("", 1, "expected a duration, found nothing", DurationTextTests.example),
            ("5", 2, "expected a unit (us, ms, s, m or h) after 5", "e.g. 5s or 5ms"),
            ("s", 1, #"expected a number, found "s""#, nil),
            ("-5s", 1, #"expected a number, found "-5s""#, "negative values make no sense here"),
            ("5 s", 2, "expected a unit (us, ms, s, m or h) after 5", "e.g. 5s or 5ms"),
            ("5sec", 2, #"expected a unit (us, ms, s, m or h), found "sec""#, "write 5s"),
            ("3MS", 2, #"expected a unit (us, ms, s, m or h), found "MS""#, "write 3ms"),
            ("7d", 2, #"expected a unit (us, ms, s, m or h), found "d""#, nil),
            ("9µs", 2, #"expected a unit (us, ms, s, m or h), found "µs""#, "write 9us"),
            ("30s1m", 4, "m must not come after s", "write larger units first and each once, e.g. 1m30s"),
            ("1s1s", 3, "s must not come after s", "write larger units first and each once, e.g. 1m30s"),
            ("1.s", 3, "expected digits behind the decimal point", nil),
            ("0.0001us", 1, "0.0001us is too long or too fine: from 1ns to 10000h", nil),
            ("99999999999999999999h", 1, "99999999999999999999h is too long or too fine: from 1ns to 10000h", nil),
            ("10000h1us", 7, "longer than 10000h, the longest duration", nil),
            ("1m30", 5, "expected a unit (us, ms, s, m or h) after 30", "e.g. 30s or 30ms"),
        ] as [(String, Int, String, String?)])
    func refuses(text: String, column: Int, message: String, hint: String?) {
        let problem = #expect(throws: TextProblem.self) { try DurationText.parse(text) }
        #expect(problem == TextProblem(text: text, column: column, message: message, hint: hint))
    }

    static let example = "write a number and a unit, e.g. 500us, 20ms, 5s, 10m, 1h or 1m30s"

    @Test func formatsWhatItReads() throws {
        var random = SeededRandom()
        for _ in 0..<2000 {
            let magnitude = Int64(1) << Int64.random(in: 0...45, using: &random)
            let duration = Duration.microseconds(
                Int64.random(in: 0...min(magnitude, 36_000_000_000_000), using: &random))
            let text = DurationText.format(duration)
            #expect(try DurationText.parse(text) == duration, "\(text), seed \(random.seed)")
        }
        #expect(DurationText.format(.seconds(90)) == "1m30s")
        #expect(DurationText.format(.zero) == "0")
    }

    @Test(arguments: [
        ("0", 0), ("64", 64), ("64B", 64), ("4KiB", 4096), ("1MiB", 1 << 20), ("16MB", 16_000_000), ("2kB", 2000),
        ("2KB", 2000),
        ("1GiB", 1 << 30), ("3GB", 3_000_000_000), ("4 KiB", 4096),
    ])
    func readsByteSizes(text: String, bytes: Int) throws {
        #expect(try ByteSizeText.parse(text) == bytes)
        #expect(try ByteSizeText.parse(ByteSizeText.format(bytes)) == bytes)
    }

    @Test(
        arguments: [
            ("", 1, "expected a number of bytes, found nothing", "e.g. 64, 4KiB or 16MB"),
            ("KiB", 1, #"expected a number of bytes, found "KiB""#, "e.g. 64, 4KiB or 16MB"),
            ("4k", 2, #"expected a unit (B, kB, MB, GB, KiB, MiB or GiB), found "k""#, "write 4KiB"),
            ("4mib", 2, #"expected a unit (B, kB, MB, GB, KiB, MiB or GiB), found "mib""#, "write 4MiB"),
            ("1.5MB", 2, #"expected a unit (B, kB, MB, GB, KiB, MiB or GiB), found ".5MB""#, "sizes are whole numbers"),
            ("99999999999999999999", 1, "too large for a number of bytes", nil),
            ("9999999999999999999GiB", 1, "too large for a number of bytes", nil),
        ] as [(String, Int, String, String?)])
    func refusesByteSizes(text: String, column: Int, message: String, hint: String?) {
        let problem = #expect(throws: TextProblem.self) { try ByteSizeText.parse(text) }
        #expect(problem == TextProblem(text: text, column: column, message: message, hint: hint))
    }

    @Test func problemsShowTheirPlace() {
        let problem = #expect(throws: TextProblem.self) { try DurationText.parse("5sec") }
        #expect(
            problem?.description == """
                expected a unit (us, ms, s, m or h), found "sec"
                    5sec
                     ^
                hint: write 5s
                """)
    }
}
