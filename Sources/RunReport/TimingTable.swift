/// Timings as rows, as many columns as the width allows.
struct TimingTable {
    private struct Column {
        var title: String
        var width: Int
        /// The lowest rank stays longest when the width shrinks.
        var rank: Int
        var cell: (TimingSummary) -> String
    }

    /// Two of indent and the longest name.
    private static let nameWidth = 15
    private static let columnWidth = 9

    private static func columns(fitting width: Int, nameWidth: Int) -> [Column] {
        var columns = [
            Column(title: "count", width: 12, rank: 3) { Quantity.count($0.count) },
            Column(title: "min", width: columnWidth, rank: 7) { Quantity.time(us: $0.min) },
            Column(title: "mean", width: columnWidth, rank: 4) { Quantity.time(us: $0.mean) },
            Column(title: "p50", width: columnWidth, rank: 0) { Quantity.time(us: $0.p50) },
            Column(title: "p90", width: columnWidth, rank: 6) { Quantity.time(us: $0.p90) },
            Column(title: "p95", width: columnWidth, rank: 8) { Quantity.time(us: $0.p95) },
            Column(title: "p99", width: columnWidth, rank: 1) { Quantity.time(us: $0.p99) },
            Column(title: "p99.9", width: columnWidth, rank: 5) { $0.p999.map { Quantity.time(us: $0) } ?? "–" },
            Column(title: "max", width: columnWidth, rank: 2) { Quantity.time(us: $0.max) },
        ]
        while columns.count > 1, nameWidth + columns.reduce(0, { $0 + $1.width }) > width,
            let least = columns.indices.max(by: { columns[$0].rank < columns[$1].rank })
        {
            columns.remove(at: least)
        }
        return columns
    }

    /// The header and one line for each timing, in the order in which they happen.
    static func lines(_ timings: [(name: String, summary: TimingSummary)], style: TextStyle) -> [String] {
        let nameWidth = min(nameWidth, style.width - columnWidth)
        let columns = columns(fitting: style.width, nameWidth: nameWidth)
        let header =
            style.paint("timings".cut(to: nameWidth).padded(to: nameWidth), .strong)
            + style.paint(columns.map { $0.title.leftPadded(to: $0.width) }.joined(), .faint)
        let rows = timings.map { name, summary in
            "  " + name.printable.cut(to: nameWidth - 2).padded(to: nameWidth - 2)
                + columns.map { $0.cell(summary).leftPadded(to: $0.width) }.joined()
        }
        return [header] + rows
    }
}
