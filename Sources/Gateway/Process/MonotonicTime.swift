internal import CLinux
internal import Glibc

/// A point in time on CLOCK_MONOTONIC (clock_gettime(2)).
struct MonotonicTime: Comparable, Sendable {
    var nanoseconds: Int64

    static var now: MonotonicTime {
        MonotonicTime(nanoseconds: clinux_clock_nanoseconds(CLOCK_MONOTONIC))
    }

    static let distantFuture = MonotonicTime(nanoseconds: .max)

    /// Whole milliseconds from this time to a later one.
    func milliseconds(until later: MonotonicTime) -> Int {
        Int(max(0, later.nanoseconds - nanoseconds) / 1_000_000)
    }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// For durations that configuration has checked to be hours at most.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
