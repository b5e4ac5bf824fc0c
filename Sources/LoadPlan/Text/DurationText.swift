/// Durations as users write them, in profiles and on the command line.
///
///     duration = "0" | 1*( number unit )   from large units to small ones, each at most once: `1m30s`
///     number   = digits [ "." digits ]
///     unit     = "h" | "m" | "s" | "ms" | "us"
package enum DurationText {
    /// 10,000 hours.
    ///
    /// Deadlines are 64-bit nanoseconds; this leaves room for sums of durations.
    package static let longest = Duration.seconds(36_000_000)

    /// - Throws: what is wrong and in which column.
    package static func parse(_ text: String) throws(TextProblem) -> Duration {
        if text == "0" { return .zero }
        var scanner = TextScanner(text)
        guard !scanner.isAtEnd else {
            throw scanner.problem("expected a duration, found nothing", hint: Self.example)
        }
        var sum: Int64 = 0
        var smallest: TimeUnit?
        while !scanner.isAtEnd {
            let start = scanner.offset
            let amount = try scanner.takeTime()
            if let smallest, amount.unit.nanoseconds >= smallest.nanoseconds {
                throw scanner.problem(
                    "\(amount.unit.rawValue) must not come after \(smallest.rawValue)", at: start,
                    hint: "write larger units first and each once, e.g. 1m30s")
            }
            smallest = amount.unit
            sum += amount.nanoseconds
            guard sum <= 36_000_000 * TimeUnit.seconds.nanoseconds else {
                throw scanner.problem("longer than 10000h, the longest duration", at: start)
            }
        }
        return .nanoseconds(sum)
    }

    /// A text that `parse` reads back as the same duration, to the nanosecond for whole microseconds.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = attoseconds / 1_000_000_000_000
        guard seconds != 0 || microseconds != 0 else { return "0" }
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds % 3600 >= 60 { text += "\(seconds % 3600 / 60)m" }
        if seconds % 60 > 0 { text += "\(seconds % 60)s" }
        if microseconds >= 1000 { text += "\(microseconds / 1000)ms" }
        if microseconds % 1000 > 0 { text += "\(microseconds % 1000)us" }
        return text
    }

    static let example = "write a number and a unit, e.g. 500us, 20ms, 5s, 10m, 1h or 1m30s"
}

/// Units of time that users may write.
enum TimeUnit: String, CaseIterable {
    case hours = "h"
    case minutes = "m"
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"

    var nanoseconds: Int64 {
        switch self {
        case .hours: 3_600_000_000_000
        case .minutes: 60_000_000_000
        case .seconds: 1_000_000_000
        case .milliseconds: 1_000_000
        case .microseconds: 1000
        }
    }

    /// The unit that another spelling means.
    static func meant(by word: String) -> TimeUnit? {
        switch word.lowercased() {
        case "h", "hr", "hrs", "hour", "hours": .hours
        case "m", "min", "mins", "minute", "minutes": .minutes
        case "s", "sec", "secs", "second", "seconds": .seconds
        case "ms", "msec", "millis", "millisecond", "milliseconds": .milliseconds
        case "us", "usec", "µs", "μs", "micros", "microsecond", "microseconds": .microseconds
        default: nil
        }
    }
}

extension TextScanner {
    /// Reads a number and its unit of time.
    mutating func takeTime() throws(TextProblem) -> (nanoseconds: Int64, unit: TimeUnit) {
        let number = try takeNumber()
        let unitStart = offset
        let word = take { !("0"..."9").contains($0) && $0 != "." && $0 != " " && $0 != "\t" }
        guard let unit = TimeUnit(rawValue: word) else {
            if word.isEmpty {
                throw problem(
                    "expected a unit (us, ms, s, m or h) after \(number.text)", at: unitStart,
                    hint: number.text == "0" ? "write 0 alone" : "e.g. \(number.text)s or \(number.text)ms")
            }
            throw problem(
                "expected a unit (us, ms, s, m or h), found \(word.quoted)", at: unitStart,
                hint: TimeUnit.meant(by: word).map { "write \(number.text)\($0.rawValue)" })
        }
        guard let nanoseconds = number.times(unit.nanoseconds) else {
            throw problem(
                "\(number.text)\(word) is too long or too fine: from 1ns to 10000h", at: number.offset)
        }
        return (nanoseconds, unit)
    }

    /// Reads `digits [ "." digits ]`.
    mutating func takeNumber() throws(TextProblem) -> DecimalNumber {
        let start = offset
        let whole = takeDigits()
        guard !whole.isEmpty else {
            throw problem(
                "expected a number, found \(isAtEnd ? "the end" : rest.quoted)",
                hint: next == "-" ? "negative values make no sense here" : nil)
        }
        var fraction = ""
        if take(".") {
            fraction = takeDigits()
            guard !fraction.isEmpty else { throw problem("expected digits behind the decimal point") }
        }
        return DecimalNumber(text: text(start..<offset), offset: start, whole: whole, fraction: fraction)
    }
}

/// A number as written, so that nothing is lost to binary fractions.
struct DecimalNumber {
    let text: String
    /// Where it begins, in scalars.
    let offset: Int
    let whole: String
    /// Digits behind the point; empty without a point.
    let fraction: String

    var isWhole: Bool { fraction.isEmpty }

    /// The product, when it is a whole number that fits.
    func times(_ factor: Int64) -> Int64? {
        guard let integer = Int64(whole) else { return nil }
        let (product, overflow) = integer.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        var (sum, scale) = (product, factor)
        for digit in fraction.utf8 {
            let value = Int64(digit - UInt8(ascii: "0"))
            if scale % 10 != 0, value != 0 { return nil }
            scale /= 10
            let (next, overflow) = sum.addingReportingOverflow(scale * value)
            guard !overflow else { return nil }
            sum = next
        }
        return sum
    }
}
