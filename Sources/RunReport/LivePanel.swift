internal import Diagnosis
internal import LoadMetrics

/// The live view on a terminal: as lines, to be redrawn in place.
///
/// Pure, so that it can be tested; cursor and clock are the caller's.
package enum LivePanel {
    private static let barWidth = 24
    /// Below this width lines are kept to what matters most.
    private static let narrow = 60
    private static let timingOrder: [Timing] = [
        .connect, .tls, .handshake, .admission, .reply, .replyService, .ping, .close, .iteration,
    ]

    /// At most `height` lines of at most `style.width` columns.
    ///
    /// When they do not all fit, percentiles and rates go first: where accounts stand and what was found are what the
    /// panel is for.
    package static func lines(_ state: LiveState, height: Int, style: TextStyle) -> [String] {
        let head = header(state, style)
        let phases = phaseLines(state, style)
        let findings = findingLines(state, style)
        let failures = failureLines(state, style)
        let rates = rateLines(state, style)
        let timings = timingLines(state, style)

        let blocks = [head, phases, serverLines(state, style), rates, timings, failures, findings]
        // From the most to the least important, by their place in `blocks`.
        let precedence = [0, 6, 1, 2, 5, 3, 4]
        var room = max(1, height)
        var shown = blocks.map { _ in 0 }
        for index in precedence {
            shown[index] = min(blocks[index].count, room)
            room -= shown[index]
        }
        return zip(blocks, shown).flatMap { $0.prefix($1) }
    }

    private static func header(_ state: LiveState, _ style: TextStyle) -> [String] {
        let title = "\(state.profile.printable) on \(state.target.printable)".cut(to: style.width)
        var line = ""
        if let plannedS = state.plannedS, plannedS > 0 {
            let share = min(max(state.elapsedS / plannedS, 0), 1)
            let width = min(barWidth, style.width / 4)
            let full = Int((share * Double(width)).rounded(.down))
            line = String(repeating: "█", count: full) + String(repeating: "░", count: width - full) + "  "
        }
        line += state.time
        if let stage = state.stage { line += "  \(stage.printable)" }
        return [style.paint(title, .strong), line.cut(to: style.width)]
    }

    private static func phaseLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        guard state.latest != nil else { return ["  waiting for the first second's figures"] }
        return state.phases.map { phase, gauge in
            let isNarrow = style.width < narrow
            var line = "  \(phase.name.padded(to: 12))\(Quantity.count(gauge.count).leftPadded(to: isNarrow ? 5 : 9))"
            if gauge.stalled > 0 { line += "  \(Quantity.count(gauge.stalled)) stalled" }
            // Offline and idle online accounts wait for nothing from the server.
            if phase != .waiting && phase != .open {
                line += "  \(isNarrow ? "" : "oldest ")\(Quantity.time(ms: gauge.oldestMs))"
            }
            return style.paint(line.cut(to: style.width), gauge.stalled > 0 ? .bad : .plain)
        }
    }

    private static func rateLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        guard let latest = state.latest else { return [] }
        let rates = SeriesPoint.Rates(latest)
        let parts = [
            "iterations \(Quantity.rate(rates.iterationsPerS))", "connects \(Quantity.rate(rates.openedPerS))",
            "sent \(Quantity.rate(rates.messagesSentPerS))", "received \(Quantity.rate(rates.messagesReceivedPerS))",
            "generator busy \(Int((min(max(latest.generator.busyRatio, 0), 1) * 100).rounded())) %",
        ]
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, last.count + 2 + part.count <= style.width {
                lines[lines.count - 1] = "\(last)  \(part)"
            } else {
                lines.append("  \(part)".cut(to: style.width))
            }
        }
        return lines
    }

    private static func timingLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        guard let latest = state.latest else { return [] }
        return timingOrder.compactMap { timing in
            guard let histogram = latest.timings[timing], !histogram.isEmpty else { return nil }
            let cellWidth = style.width < narrow ? 7 : 9
            var line = "  \(timing.name.padded(to: 14))"
            line += "p50 \(Quantity.time(us: histogram.percentileUs(50)).padded(to: cellWidth)) "
            line += "p99 \(Quantity.time(us: histogram.percentileUs(99)).padded(to: cellWidth))"
            if style.width >= narrow { line += " max \(Quantity.time(us: histogram.maxUs))" }
            return style.paint(line.cut(to: style.width), .faint)
        }
    }

    private static func serverLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        state.server.map { name, limit, point in
            let full = limit.map { (point.descriptors ?? 0) * 10 >= $0 * 9 } ?? false
            return style.paint(
                "  \(name.printable): \(point.text(descriptorLimit: limit))".cut(to: style.width), full ? .bad : .plain)
        }
    }

    private static func failureLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        let counters = state.counters
        let text =
            "  \(Quantity.count(counters.iterationsCompleted)) completed, "
            + "\(Quantity.count(counters.iterationsFailed)) failed"
        let failures = state.failures.prefix(5).map { "    \($0.slug.printable) ×\(Quantity.count($0.count))" }
        return [style.paint(text.cut(to: style.width), counters.iterationsFailed > 0 ? .bad : .plain)]
            + failures.map { $0.cut(to: style.width) }
    }

    private static func findingLines(_ state: LiveState, _ style: TextStyle) -> [String] {
        state.current.prefix(4).flatMap { finding in
            let text = "\(finding.kind.rawValue): \(finding.summary)".printable
            return text.wrapped(to: style.width - 4).enumerated().map { index, piece in
                style.paint((index == 0 ? "  ! " : "    ") + piece, finding.severity == .critical ? .bad : .doubtful)
            }
        }
    }
}
