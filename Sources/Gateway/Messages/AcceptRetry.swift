/// How long to wait after a failed accept: 5 ms, twice that after each further failure, 1 s at most.
///
/// As Go's net/http server does (`Server.Serve`).
struct AcceptRetry {
    private static let first = Duration.milliseconds(5)
    private static let longest = Duration.seconds(1)

    private var latest: Duration?

    /// The wait after this failure.
    mutating func afterFailure() -> Duration {
        let delay = min(latest.map { $0 * 2 } ?? Self.first, Self.longest)
        latest = delay
        return delay
    }

    mutating func succeeded() {
        latest = nil
    }

    /// `5ms`, `1s`, as Go writes it.
    static func text(_ delay: Duration) -> String {
        delay == longest ? "1s" : "\(delay.wholeNanoseconds / 1_000_000)ms"
    }
}
