package import LoadMetrics

/// What a `ServerWatch` has to tell.
package enum WatchNews: Equatable, Sendable {
    /// A source is new, or another process has taken its place; comes before its samples.
    case source(WatchedSource)
    case sample(ServerSample)
    case event(ServerEvent)
    /// The answer to `ServerWatch.captureScene`.
    case scene(Scene)
}
