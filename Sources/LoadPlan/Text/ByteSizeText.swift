/// Numbers of bytes as users write them, in profiles and on the command line.
///
///     size = digits [ unit ]
///     unit = "B" | "kB" | "MB" | "GB"     powers of 1000
///          | "KiB" | "MiB" | "GiB"        powers of 1024
package enum ByteSizeText {
    /// - Throws: what is wrong and in which column.
    package static func parse(_ text: String) throws(TextProblem) -> Int {
        var scanner = TextScanner(text)
        let digits = scanner.takeDigits()
        guard !digits.isEmpty else {
            throw scanner.problem(
                "expected a number of bytes, found \(scanner.isAtEnd ? "nothing" : scanner.rest.quoted)",
                hint: "e.g. 64, 4KiB or 16MB")
        }
        scanner.skipSpaces()
        let unitStart = scanner.offset
        let unit = scanner.rest
        guard let factor = factors.first(where: { $0.unit == unit })?.factor else {
            let meant =
                factors.first { !unit.isEmpty && $0.unit.lowercased() == unit.lowercased() }?.unit ?? shorthand(unit)
            throw scanner.problem(
                "expected a unit (B, kB, MB, GB, KiB, MiB or GiB), found \(unit.quoted)", at: unitStart,
                hint: meant.map { "write \(digits)\($0)" } ?? (unit.hasPrefix(".") ? "sizes are whole numbers" : nil))
        }
        guard let number = Int(digits), case let (bytes, overflow) = number.multipliedReportingOverflow(by: factor),
            !overflow
        else { throw scanner.problem("too large for a number of bytes", at: 0) }
        return bytes
    }

    private static let factors: [(unit: String, factor: Int)] = [
        ("", 1), ("B", 1),
        ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    private static func shorthand(_ unit: String) -> String? {
        switch unit.lowercased() {
        case "k": "KiB"
        case "m": "MiB"
        case "g": "GiB"
        default: nil
        }
    }

    /// The shortest exact text: `64`, `4KiB`, `16MiB`.
    package static func format(_ bytes: Int) -> String {
        for (unit, factor) in factors.reversed() where factor > 1 && bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)"
    }
}
