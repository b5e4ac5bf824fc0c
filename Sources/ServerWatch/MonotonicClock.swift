internal import Glibc

/// CLOCK_MONOTONIC, and the CPU time of the calling thread (clock_gettime(2)).
package enum MonotonicClock {
    /// Nanoseconds since some point in the past.
    package static var nowNs: Int64 { read(CLOCK_MONOTONIC) }

    /// What the calling thread has cost so far, its time in the kernel included.
    static var threadCPUNs: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
