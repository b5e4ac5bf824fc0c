/// Numbers for people: three significant digits, the unit that suits the size.
enum Quantity {
    /// `950 µs`, `12.3 ms`, `4.56 s`, `3m20s`.
    static func time(us: Double) -> String {
        switch us {
        case ..<999.5: "\(Int(max(us, 0).rounded())) µs"
        case ..<999_500: "\(significant(us / 1000)) ms"
        case ..<119_500_000: "\(significant(us / 1_000_000)) s"
        default: longTime(s: us / 1_000_000)
        }
    }

    static func time(us: Int) -> String { time(us: Double(us)) }
    static func time(ms: Int) -> String { time(us: Double(ms) * 1000) }
    static func time(s: Double) -> String { time(us: s * 1e6) }

    /// Whole seconds, for clocks: `12 s`, `3m20s`.
    static func clock(s: Double) -> String {
        s < 120 ? "\(Int(max(s, 0))) s" : longTime(s: s.rounded(.down))
    }

    /// `12,345`.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-\(text)" : text
    }

    static func count(_ value: Double) -> String { count(Int(min(max(value, -1e15), 1e15).rounded())) }

    /// `614/s`, `0.25/s`.
    static func rate(_ perSecond: Double) -> String {
        perSecond >= 999.5 ? "\(count(Int(min(perSecond, 1e15).rounded())))/s" : "\(significant(perSecond))/s"
    }

    /// `1 account`, `98 accounts`.
    static func of(_ count: Int, _ noun: String) -> String { "\(Self.count(count)) \(noun)\(count == 1 ? "" : "s")" }

    /// `64 B`, `1.5 KiB`, `3.2 MiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1023.5 { return unit == "B" ? "\(count) B" : "\(significant(value)) \(unit)" }
            value /= 1024
        }
        return "\(significant(value)) TiB"
    }

    /// `0.42`, `1.90`, of processor cores.
    static func cores(_ value: Double) -> String { significant(value) }

    private static func longTime(s: Double) -> String {
        let seconds = Int(min(s, 1e15).rounded())
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours)h\(minutes)m" : "\(minutes)m\(seconds % 60)s"
    }

    private static func significant(_ value: Double) -> String {
        let decimals = value >= 99.95 || value == 0 ? 0 : value >= 9.995 ? 1 : 2
        let scale = [1.0, 10, 100][decimals]
        let scaled = Int((min(max(value, 0), 1e15) * scale).rounded())
        guard decimals > 0 else { return String(scaled) }
        let fraction = String(scaled % Int(scale)).leftZeroPadded(to: decimals)
        return "\(scaled / Int(scale)).\(fraction)"
    }
}

extension String {
    fileprivate func leftZeroPadded(to width: Int) -> String {
        String(repeating: "0", count: Swift.max(0, width - count)) + self
    }
}
