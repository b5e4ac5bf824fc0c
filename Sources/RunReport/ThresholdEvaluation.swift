package import Diagnosis
package import LoadMetrics
package import LoadPlan

/// Holds a run's totals against the profile's thresholds.
package struct ThresholdEvaluation {
    private let totals: RunTotals
    private let ledger: Ledger

    package init(totals: RunTotals) {
        self.totals = totals
        ledger = totals.ledger
    }

    /// One result for each threshold.
    ///
    /// A profile without any is held to what nobody would call a success otherwise: some iteration completed, and none
    /// failed.
    package func results(for thresholds: [Threshold]) -> [ThresholdResult] {
        let isImplicit = thresholds.isEmpty
        return (isImplicit ? Self.implicit : thresholds).map { threshold in
            let observed = observed(threshold.metric)
            return ThresholdResult(
                expression: threshold.expression, observed: observed,
                unit: threshold.metric.isTime ? .microseconds : .count,
                ok: observed.map(threshold.holds) ?? false, isImplicit: isImplicit)
        }
    }

    private static let implicit = [
        Threshold(
            expression: "iterations.failed == 0", metric: .iterations(.failed), comparison: .equal, limit: 0),
        Threshold(
            expression: "iterations.completed > 0", metric: .iterations(.completed), comparison: .above, limit: 0),
    ]

    /// Microseconds of a timing, otherwise a count; nil without samples.
    private func observed(_ metric: Threshold.Metric) -> Double? {
        switch metric {
        case .timing(let name, let aggregate):
            Timing(name: name).flatMap { observed($0, aggregate) }
        case .outcome:
            Double(totals.outcomes.reduce(0) { metric.includes(outcome: $1.key) ? $0 + $1.value : $0 })
        case .failedOutcomes: Double(totals.failedOutcomes)
        case .iterations(let which): Double(count(which))
        case .connections(let which): Double(count(which))
        case .messages(let which): Double(count(which))
        }
    }

    private func observed(_ timing: Timing, _ aggregate: Threshold.Aggregate) -> Double? {
        let histogram = totals.timings[timing] ?? TimingHistogram()
        if aggregate == .count { return Double(histogram.count) }
        guard !histogram.isEmpty else { return nil }
        return switch aggregate {
        case .count: Double(histogram.count)
        case .min: Double(histogram.minUs)
        case .mean: histogram.meanUs
        case .max: Double(histogram.maxUs)
        // p999 of few samples is their maximum: a stricter test than was asked for, never a laxer one.
        case .p50, .p90, .p95, .p99, .p999: aggregate.percent.map { Double(histogram.percentileUs($0)) }
        }
    }

    private func count(_ which: Threshold.Iterations) -> Int {
        switch which {
        case .started: totals.counters.iterationsStarted
        case .completed: totals.counters.iterationsCompleted
        case .failed: totals.counters.iterationsFailed
        case .interrupted: totals.counters.iterationsInterrupted
        case .dropped: totals.counters.iterationsDropped
        case .inFlightAtEnd: totals.iterationsInFlight
        }
    }

    private func count(_ which: Threshold.Connections) -> Int {
        switch which {
        case .asked: ledger.asked
        case .opened: ledger.opened
        case .refused: ledger.refused
        case .failed: ledger.failed
        case .timedOut: ledger.timedOut
        case .inFlight: ledger.inFlight
        case .closedClean: ledger.closedClean
        case .closedByPeer: ledger.closedByPeer
        case .lost: ledger.lost
        case .stillOpen: ledger.stillOpen
        }
    }

    private func count(_ which: Threshold.Messages) -> Int {
        switch which {
        case .sent: totals.counters.messagesSent
        case .received: totals.counters.messagesReceived
        case .unclaimed: totals.counters.messagesUnclaimed
        }
    }
}
