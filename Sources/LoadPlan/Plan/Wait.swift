/// Think time.
package enum Wait: Codable, Equatable, Sendable {
    case fixed(Duration)
    case uniform(from: Duration, to: Duration)
    /// Exponential with this mean, cut at ten times the mean.
    case exponential(mean: Duration)
    /// Until the run's duration is over.
    case end
}
