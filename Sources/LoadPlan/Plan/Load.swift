/// Closed model: each account starts its next iteration when the last one has ended.
package struct Load: Codable, Equatable, Sendable {
    /// nil: until `iterations` are done.
    package var duration: Duration?
    /// Iterations per account; nil: until `duration` is over.
    package var iterations: Int?
    /// Starts are spread evenly over this time.
    package var ramp: Duration
    /// After `duration`: how long iterations may finish before their connections are closed; then cut.
    package var grace: Duration

    package init(
        duration: Duration? = nil, iterations: Int? = nil, ramp: Duration = .seconds(1), grace: Duration = .seconds(10)
    ) {
        self.duration = duration
        self.iterations = iterations
        self.ramp = ramp
        self.grace = grace
    }
}
