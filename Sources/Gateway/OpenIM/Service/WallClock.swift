internal import CLinux
internal import Glibc

/// CLOCK_REALTIME (clock_gettime(2)), since 1970.
enum WallClock {
    static var milliseconds: Int64 { clinux_clock_nanoseconds(CLOCK_REALTIME) / 1_000_000 }

    static var seconds: Int64 { milliseconds / 1000 }
}
