internal import Diagnosis
internal import LoadMetrics

/// The live view where there is no terminal: one plain line, for logs.
package enum LiveLine {
    /// Phases in brief, rates, failures, the timing that matters most and what is being found.
    ///
    /// Not cut to any width and never coloured.
    package static func text(_ state: LiveState) -> String {
        var parts = [state.time]
        if let stage = state.stage { parts.append(stage) }
        let phases = state.phases.map { phase, gauge in
            let isWaiting = phase != .waiting && phase != .open
            let oldest = isWaiting && gauge.oldestMs >= 1000 ? " (oldest \(Quantity.time(ms: gauge.oldestMs)))" : ""
            return "\(Quantity.count(gauge.count)) \(phase.name)\(oldest)"
        }
        if !phases.isEmpty { parts.append(phases.joined(separator: ", ")) }
        if let latest = state.latest {
            let rates = SeriesPoint.Rates(latest)
            parts.append(
                "\(Quantity.rate(rates.iterationsPerS)) iterations, \(Quantity.rate(rates.openedPerS)) connects")
            if let (name, histogram) = mainTiming(latest) {
                let (median, p99) = (histogram.percentileUs(50), histogram.percentileUs(99))
                parts.append("\(name) p50 \(Quantity.time(us: median)) p99 \(Quantity.time(us: p99))")
            }
        }
        parts.append("\(Quantity.count(state.counters.iterationsFailed)) failed")
        parts += state.current.prefix(2).map { "! \($0.kind.rawValue): \($0.summary)" }
        return parts.joined(separator: " | ").printable
    }

    /// Replies when there are any, otherwise the step nearest to them.
    private static func mainTiming(_ group: IntervalGroup) -> (name: String, histogram: TimingHistogram)? {
        for timing in [Timing.reply, .ping, .admission, .handshake, .connect] {
            if let histogram = group.timings[timing], !histogram.isEmpty { return (timing.name, histogram) }
        }
        return nil
    }
}
