import Testing

@testable import RunReport

@Suite struct QuantityTests {
    @Test(arguments: [
        (0, "0 µs"), (950, "950 µs"), (999, "999 µs"), (1000, "1.00 ms"), (9995, "10.0 ms"), (12_340, "12.3 ms"),
        (99_950, "100 ms"), (123_400, "123 ms"), (999_499, "999 ms"), (999_500, "1.00 s"), (4_560_000, "4.56 s"),
        (119_000_000, "119 s"), (200_000_000, "3m20s"), (600_000_000, "10m0s"), (7_500_000_000, "2h5m"),
    ])
    func times(us: Int, text: String) {
        #expect(Quantity.time(us: us) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
    func counts(value: Int, text: String) {
        #expect(Quantity.count(value) == text)
    }

    @Test(arguments: [
        (0.0, "0/s"), (0.25, "0.25/s"), (9.877, "9.88/s"), (614.2, "614/s"), (12_345.6, "12,346/s"),
        (.infinity, "1,000,000,000,000,000/s"),
    ])
    func rates(value: Double, text: String) {
        #expect(Quantity.rate(value) == text)
    }

    @Test(arguments: [(0, "0 B"), (1023, "1023 B"), (1536, "1.50 KiB"), (5 << 20, "5.00 MiB"), (3 << 40, "3.00 TiB")])
    func bytes(value: Int, text: String) {
        #expect(Quantity.bytes(value) == text)
    }

    @Test func aServersWordsCannotDriveTheTerminal() {
        #expect("a\u{1B}[31m\r\nb\u{7}\u{9B}c\u{202E}d".printable == "a·[31m  b··c·d")
    }

    @Test func linesAreWrappedAtSpacesWhereThereAreAny() {
        #expect("one two three".wrapped(to: 7) == ["one two", "three"])
        #expect("abcdefgh ij".wrapped(to: 3) == ["abc", "def", "gh", "ij"])
        #expect("".wrapped(to: 5) == [""])
    }
}
