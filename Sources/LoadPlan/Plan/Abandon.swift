/// Leaving a connection open and forgetting it, as a client does whose network is gone or whose process hangs.
///
/// Nothing is read from it or sent on it any more. It ends when the server ends it (FIN or RST), or is reset.
package struct Abandon: Codable, Equatable, Sendable {
    /// It is reset after this time; nil: it stays until the run's end.
    package var lifetime: Duration?
    /// Abandoned connections that the client has at most; of more the oldest is reset.
    package var keep: Int

    package init(lifetime: Duration? = nil, keep: Int = 1) {
        self.lifetime = lifetime
        self.keep = keep
    }
}
