/// Names of the system calls in which servers wait or work, by the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl
/// and include/uapi/asm-generic/unistd.h).
enum SystemCallName {
    enum Architecture: CaseIterable {
        case amd64
        case arm64

        static var current: Architecture? {
            #if arch(x86_64)
                .amd64
            #elseif arch(arm64)
                .arm64
            #else
                nil
            #endif
        }
    }

    /// The number itself, as `call 999`, for those that are not listed.
    static func text(_ number: UInt64, on architecture: Architecture? = .current) -> String {
        name(number, on: architecture) ?? "call \(number)"
    }

    static func name(_ number: UInt64, on architecture: Architecture?) -> String? {
        switch architecture {
        case .amd64: amd64[number]
        case .arm64: arm64[number]
        case nil: nil
        }
    }

    /// Whether the first argument is a descriptor.
    static func takesDescriptor(_ name: String) -> Bool { descriptorCalls.contains(name) }

    private static let descriptorCalls: Set<String> = [
        "read", "write", "readv", "writev", "pread64", "pwrite64", "accept", "accept4", "connect", "recvfrom", "sendto",
        "recvmsg", "sendmsg", "recvmmsg", "sendmmsg", "sendfile", "epoll_wait", "epoll_pwait", "epoll_pwait2",
        "epoll_ctl",
        "io_uring_enter", "ioctl", "fcntl", "fsync", "fdatasync", "flock", "close", "shutdown", "getdents64", "listen",
        "ftruncate", "fallocate",
    ]

    private static let amd64: [UInt64: String] = [
        0: "read", 1: "write", 3: "close", 7: "poll", 9: "mmap", 10: "mprotect", 11: "munmap", 12: "brk",
        16: "ioctl", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev", 23: "select", 24: "sched_yield",
        28: "madvise", 34: "pause", 35: "nanosleep", 40: "sendfile", 41: "socket", 42: "connect", 43: "accept",
        44: "sendto", 45: "recvfrom", 46: "sendmsg", 47: "recvmsg", 48: "shutdown", 50: "listen", 56: "clone",
        57: "fork", 58: "vfork", 59: "execve", 61: "wait4", 72: "fcntl", 73: "flock", 74: "fsync", 75: "fdatasync",
        77: "ftruncate", 128: "rt_sigtimedwait", 130: "rt_sigsuspend", 202: "futex", 217: "getdents64",
        219: "restart_syscall", 230: "clock_nanosleep", 232: "epoll_wait", 233: "epoll_ctl", 247: "waitid",
        257: "openat", 270: "pselect6", 271: "ppoll", 281: "epoll_pwait", 285: "fallocate", 288: "accept4",
        299: "recvmmsg", 307: "sendmmsg", 318: "getrandom", 426: "io_uring_enter", 435: "clone3", 441: "epoll_pwait2",
        449: "futex_waitv", 455: "futex_wait",
    ]

    private static let arm64: [UInt64: String] = [
        20: "epoll_create1", 21: "epoll_ctl", 22: "epoll_pwait", 25: "fcntl", 29: "ioctl", 32: "flock",
        46: "ftruncate", 47: "fallocate", 56: "openat", 57: "close", 61: "getdents64", 63: "read", 64: "write",
        65: "readv", 66: "writev", 67: "pread64", 68: "pwrite64", 71: "sendfile", 72: "pselect6", 73: "ppoll",
        82: "fsync", 83: "fdatasync", 95: "waitid", 98: "futex", 101: "nanosleep", 115: "clock_nanosleep",
        124: "sched_yield", 128: "restart_syscall", 133: "rt_sigsuspend", 137: "rt_sigtimedwait", 198: "socket",
        201: "listen", 202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom", 210: "shutdown", 211: "sendmsg",
        212: "recvmsg", 214: "brk", 215: "munmap", 220: "clone", 221: "execve", 222: "mmap", 226: "mprotect",
        233: "madvise", 242: "accept4", 243: "recvmmsg", 260: "wait4", 269: "sendmmsg", 278: "getrandom",
        426: "io_uring_enter", 435: "clone3", 441: "epoll_pwait2", 449: "futex_waitv", 455: "futex_wait",
    ]
}
