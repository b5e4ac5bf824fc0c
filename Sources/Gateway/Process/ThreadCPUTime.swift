internal import CLinux
internal import Glibc

/// CLOCK_THREAD_CPUTIME_ID (clock_gettime(2)).
enum ThreadCPUTime {
    /// Of the calling thread so far.
    static var nanoseconds: Int64 {
        clinux_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    }

    /// Keeps the calling thread computing until it has used this much more.
    static func burn(_ time: Duration) {
        let end = nanoseconds + time.wholeNanoseconds
        while nanoseconds < end {}
    }
}
