extension Threshold {
    /// Reads one threshold; the grammar is at the type.
    /// - Throws: what was expected, what was found, in which column.
    package init(parsing text: String) throws(TextProblem) {
        var scanner = TextScanner(text)
        scanner.skipSpaces()
        let start = scanner.offset
        let metric = try scanner.takeMetric()
        scanner.skipSpaces()
        let comparison = try scanner.takeComparison()
        scanner.skipSpaces()
        let limitStart = scanner.offset
        let limit = try scanner.takeLimit(of: metric)
        let end = scanner.offset
        scanner.skipSpaces()
        guard scanner.isAtEnd else {
            throw scanner.problem(
                "expected the end, found \(scanner.rest.quoted)", hint: "one comparison per threshold")
        }
        if limit == 0, comparison == .atLeast || comparison == .below {
            throw scanner.problem(
                comparison == .atLeast ? "this holds whatever happens" : "this can never hold", at: limitStart,
                hint: "\(metric.name) is never below 0")
        }
        self.init(expression: scanner.text(start..<end), metric: metric, comparison: comparison, limit: limit)
    }
}

extension TextScanner {
    private static let groups = Threshold.timingNames + ["outcomes", "iterations", "connections", "messages"]

    fileprivate mutating func takeMetric() throws(TextProblem) -> Threshold.Metric {
        let start = offset
        let group = takeName()
        guard !group.isEmpty else {
            throw problem(
                "expected a metric, found \(isAtEnd ? "nothing" : rest.quoted)", hint: "e.g. handshake.p99 < 250ms")
        }
        guard Self.groups.contains(group) else {
            throw problem(
                "unknown metric \(group.quoted)", at: start,
                hint: NearestName.find(group, in: Self.groups).map { "did you mean \($0)?" }
                    ?? "the metrics are \(Self.groups.joined(separator: ", "))")
        }
        guard take(".") else {
            let members = Self.members(of: group)
            throw problem("expected a dot and what of \(group) is meant", hint: "e.g. \(group).\(members.last ?? "")")
        }
        let memberStart = offset
        let member = takeName()
        if let metric = Self.metric(group, member) { return try takeCode(behind: metric) }
        let members = Self.members(of: group)
        throw problem(
            member.isEmpty ? "expected what of \(group) is meant" : "\(group) has no \(member.quoted)", at: memberStart,
            hint: NearestName.find(member, in: members).map { "did you mean \(group).\($0)?" }
                ?? "it has \(members.joined(separator: ", "))")
    }

    private mutating func takeName() -> String {
        take { ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
    }

    private static func metric(_ group: String, _ member: String) -> Threshold.Metric? {
        switch group {
        case "outcomes":
            if member == "failed" { return .failedOutcomes }
            return Threshold.outcomeSlugs.contains(member) ? .outcome(slug: member) : nil
        case "iterations": return Threshold.Iterations(rawValue: member).map { .iterations($0) }
        case "connections": return Threshold.Connections(rawValue: member).map { .connections($0) }
        case "messages": return Threshold.Messages(rawValue: member).map { .messages($0) }
        default: return Threshold.Aggregate(rawValue: member).map { .timing(group, $0) }
        }
    }

    private static func members(of group: String) -> [String] {
        switch group {
        case "outcomes": Threshold.outcomeSlugs + ["failed"]
        case "iterations": Threshold.Iterations.allCases.map(\.rawValue)
        case "connections": Threshold.Connections.allCases.map(\.rawValue)
        case "messages": Threshold.Messages.allCases.map(\.rawValue)
        default: Threshold.Aggregate.allCases.map(\.rawValue)
        }
    }

    /// Reads the `:404` of `outcomes.handshake_rejected:404`, if it is there.
    private mutating func takeCode(behind metric: Threshold.Metric) throws(TextProblem) -> Threshold.Metric {
        let colon = offset
        guard take(":") else { return metric }
        guard case .outcome(let slug) = metric, Threshold.outcomeSlugsWithCode.contains(slug) else {
            throw problem(
                "\(metric.name) has no codes", at: colon,
                hint: "those with a code are \(Threshold.outcomeSlugsWithCode.joined(separator: ", "))")
        }
        let digits = takeDigits()
        let largest = Threshold.outcomeSlugsWithErrorCode.contains(slug) ? Int(UInt32.max) : 65535
        guard let code = Int(digits), (1...largest).contains(code), String(code) == digits else {
            throw problem(
                "expected a code from 1 to \(largest), found \(digits.isEmpty ? "nothing" : digits.quoted)",
                at: colon + 1)
        }
        return .outcome(slug: "\(slug):\(code)")
    }

    fileprivate mutating func takeComparison() throws(TextProblem) -> Threshold.Comparison {
        let start = offset
        let sign = take { "<>=!~≤≥≠".unicodeScalars.contains($0) }
        if let comparison = Threshold.Comparison(rawValue: sign) { return comparison }
        let meant: Threshold.Comparison? =
            switch sign {
            case "=", "===": .equal
            case "=<", "≤": .atMost
            case "=>", "≥": .atLeast
            case "<>", "!", "!==", "~=", "≠": .unequal
            default: nil
            }
        throw problem(
            "expected <, <=, >, >=, == or !=, found "
                + (sign.isEmpty ? (isAtEnd ? "the end" : rest.quoted) : sign.quoted),
            at: start, hint: meant.map { "write \($0.rawValue)" })
    }

    fileprivate mutating func takeLimit(of metric: Threshold.Metric) throws(TextProblem) -> Double {
        if metric.isTime {
            let start = offset
            let (nanoseconds, unit) = try takeTime()
            guard unit != .hours else {
                throw problem("a timing's limit is in us, ms, s or m", at: start, hint: "timings end at 10m")
            }
            return Double(nanoseconds) / 1000
        }
        let number = try takeNumber()
        guard number.isWhole, let count = number.times(1), count <= 1 << 53 else {
            throw problem("expected a whole number, because \(metric.name) is a count", at: number.offset)
        }
        let unitStart = offset
        let unit = take { $0 != " " && $0 != "\t" }
        guard unit.isEmpty else {
            throw problem("\(metric.name) is a count and has no unit, found \(unit.quoted)", at: unitStart)
        }
        return Double(count)
    }
}
