/// The descriptors of a process by kind, those that have grown first.
struct DescriptorScene {
    static let examplesOfEachKind = 8
    /// Growth below this is no news.
    private static let tellingGrowth = 10

    struct Row: Equatable {
        var kind: String
        var count: Int
        /// Since the first sample; nil without one.
        var growth: Int?
        var examples: [String]
    }

    let rows: [Row]
    let limit: Int?
    /// Seconds since the first sample.
    let sinceS: Double?
    /// ESTABLISHED connections on the source's port: what a server is there for.
    let explained: Int

    var total: Int { rows.reduce(0) { $0 + $1.count } }

    init(_ census: DescriptorCensus, first: [String: Int]?, sinceS: Double?, limit: Int?, port: Int?) {
        var examples: [String: [String]] = [:]
        for (kind, texts) in census.examples { examples[kind.name, default: []] += texts }
        let counts = census.countsByName
        let kinds = Set(counts.keys).union(first?.keys ?? [:].keys)
        rows = kinds.map { kind in
            let count = counts[kind] ?? 0
            return Row(
                kind: kind, count: count, growth: first.map { count - ($0[kind] ?? 0) }, examples: examples[kind] ?? [])
        }
        .sorted { ($1.growth ?? 0, $1.count, $0.kind) < ($0.growth ?? 0, $0.count, $1.kind) }
        self.limit = limit
        self.sinceS = sinceS
        explained = census.connections.count { owned in
            owned.socket.state == .established && port.map { Int(owned.socket.local.port) == $0 } ?? false
        }
    }

    var text: String {
        var text = "\(total) descriptors"
        if let limit { text += " of \(limit)" }
        if let sinceS { text += "; growth since the first sample, \(Int(sinceS)) s ago" }
        text += "\n\n"
        for row in rows {
            let growth = row.growth.map { $0 > 0 ? "  +\($0)" : "  \($0)" } ?? ""
            text += "\(row.count)  \(row.kind)\(growth)\n"
            for example in row.examples { text += "    \(example)\n" }
        }
        return text
    }

    func telling(name: String) -> [TellingLine] {
        var lines: [TellingLine] = []
        if let limit, total >= limit - max(3, limit / 50) {
            let biggest = rows.max { $0.count < $1.count }.map { ", \($0.count) of them \($0.kind)" } ?? ""
            lines.append(
                TellingLine(weight: 60, text: "\(name): \(total) of \(limit) descriptors are in use\(biggest)"))
        }
        let growing = rows.filter { ($0.growth ?? 0) >= Self.tellingGrowth }.prefix(3)
        for row in growing {
            let isExplained = row.kind == DescriptorKind.tcp(.established).name && explained * 10 >= row.count * 9
            let use = limit.map { "; \(total) of \($0) descriptors in use" } ?? ""
            lines.append(
                TellingLine(
                    weight: isExplained ? 10 : 60,
                    text: "\(name): +\(row.growth ?? 0) \(row.kind) since the start (now \(row.count)\(use))"))
        }
        return lines
    }
}
