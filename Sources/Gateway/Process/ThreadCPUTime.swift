internal import Glibc

/// CLOCK_THREAD_CPUTIME_ID (clock_gettime(2)).
enum ThreadCPUTime {
    /// Of the calling thread so far.
    static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Keeps the calling thread computing until it has used this much more.
    static func burn(_ time: Duration) {
        let end = nanoseconds + time.wholeNanoseconds
        while nanoseconds < end {}
    }
}
