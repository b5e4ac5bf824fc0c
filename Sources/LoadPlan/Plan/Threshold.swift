/// A condition on the run's totals, which decides about its exit status.
///
///     threshold  = metric *SP comparison *SP limit
///     metric     = timing "." aggregate
///                | "outcomes." ( slug | "failed" )
///                | "iterations." ( "started" | "completed" | "failed" | "interrupted" | "dropped" | "in_flight_at_end" )
///                | "connections." ( "asked" | "opened" | "refused" | "failed" | "timed_out" | "closed_clean"
///                                 | "closed_by_peer" | "lost" | "in_flight" | "still_open" )
///                | "messages." ( "sent" | "received" | "unclaimed" )
///     timing     = "connect" | "tls" | "handshake" | "admission" | "reply" | "reply_service" | "delivery" | "ping"
///                | "close" | "session" | "iteration"
///     aggregate  = "count" | "min" | "mean" | "p50" | "p90" | "p95" | "p99" | "p999" | "max"
///     slug       = an outcome's slug, e.g. `receive_timeout`; where it has a code also `handshake_rejected:404`, `refused:1601`
///     comparison = "<" | "<=" | ">" | ">=" | "==" | "!="
///     limit      = number unit      for a time
///                | digits           for a count
///     number     = digits [ "." digits ]
///     unit       = "us" | "ms" | "s" | "m"
package struct Threshold: Codable, Equatable, Sendable {
    /// As written, without spaces around it.
    package var expression: String
    package var metric: Metric
    package var comparison: Comparison
    /// Microseconds where `metric.isTime`, otherwise a count.
    package var limit: Double

    package init(expression: String, metric: Metric, comparison: Comparison, limit: Double) {
        self.expression = expression
        self.metric = metric
        self.comparison = comparison
        self.limit = limit
    }

    /// Whether an observed value (microseconds or a count, as `limit`) keeps to the threshold.
    package func holds(_ observed: Double) -> Bool {
        comparison.holds(observed, limit)
    }
}

extension Threshold {
    /// What is compared.
    package enum Metric: Codable, Equatable, Sendable {
        /// `timing` is the name of one of LoadMetrics' timings.
        case timing(String, Aggregate)
        /// Iterations that ended so; see `includes(outcome:)`.
        case outcome(slug: String)
        /// Iterations that ended with any failure.
        case failedOutcomes
        case iterations(Iterations)
        case connections(Connections)
        case messages(Messages)

        /// As on the left of the comparison: `handshake.p99`.
        package var name: String {
            switch self {
            case .timing(let timing, let aggregate): "\(timing).\(aggregate.rawValue)"
            case .outcome(let slug): "outcomes.\(slug)"
            case .failedOutcomes: "outcomes.failed"
            case .iterations(let field): "iterations.\(field.rawValue)"
            case .connections(let field): "connections.\(field.rawValue)"
            case .messages(let field): "messages.\(field.rawValue)"
            }
        }

        /// The limit has a unit of time, and without samples there is no value to compare.
        package var isTime: Bool {
            if case .timing(_, let aggregate) = self { aggregate != .count } else { false }
        }

        /// Whether an iteration that ended with this slug counts for `outcome`.
        ///
        /// A slug without a code stands for all of its codes: `handshake_rejected` counts `handshake_rejected:404`
        /// and `handshake_rejected:503`.
        package func includes(outcome slug: String) -> Bool {
            guard case .outcome(let wanted) = self else { return false }
            return slug == wanted || slug.hasPrefix(wanted + ":")
        }
    }

    package enum Aggregate: String, Codable, CaseIterable, Sendable {
        case count, min, mean, p50, p90, p95, p99, p999, max

        /// The percentile in percent; nil for the others.
        package var percent: Double? {
            switch self {
            case .p50: 50
            case .p90: 90
            case .p95: 95
            case .p99: 99
            case .p999: 99.9
            case .count, .min, .mean, .max: nil
            }
        }
    }

    package enum Iterations: String, Codable, CaseIterable, Sendable {
        case started, completed, failed, interrupted, dropped
        case inFlightAtEnd = "in_flight_at_end"
    }

    package enum Connections: String, Codable, CaseIterable, Sendable {
        case asked, opened, refused, failed, lost
        case timedOut = "timed_out"
        case inFlight = "in_flight"
        case closedClean = "closed_clean"
        case closedByPeer = "closed_by_peer"
        case stillOpen = "still_open"
    }

    package enum Messages: String, Codable, CaseIterable, Sendable {
        case sent, received, unclaimed
    }

    package enum Comparison: String, Codable, CaseIterable, Sendable {
        case atMost = "<="
        case atLeast = ">="
        case equal = "=="
        case unequal = "!="
        case below = "<"
        case above = ">"

        package func holds(_ observed: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: observed <= limit
            case .atLeast: observed >= limit
            case .equal: observed == limit
            case .unequal: observed != limit
            case .below: observed < limit
            case .above: observed > limit
            }
        }
    }
}
