import CLinux
import Testing

@testable import ServerWatch

@Suite struct SystemCallNameTests {
    /// The numbers of the C library's headers, for the machine that runs the test.
    @Test(arguments: [
        (SYS_read, "read"), (SYS_write, "write"), (SYS_futex, "futex"), (SYS_accept4, "accept4"),
        (SYS_accept, "accept"),
        (SYS_epoll_pwait, "epoll_pwait"), (SYS_epoll_ctl, "epoll_ctl"), (SYS_ppoll, "ppoll"), (SYS_connect, "connect"),
        (SYS_recvfrom, "recvfrom"), (SYS_sendto, "sendto"), (SYS_recvmsg, "recvmsg"), (SYS_sendmsg, "sendmsg"),
        (SYS_recvmmsg, "recvmmsg"), (SYS_sendmmsg, "sendmmsg"), (SYS_nanosleep, "nanosleep"),
        (SYS_clock_nanosleep, "clock_nanosleep"), (SYS_rt_sigtimedwait, "rt_sigtimedwait"), (SYS_wait4, "wait4"),
        (SYS_waitid, "waitid"), (SYS_fsync, "fsync"), (SYS_fdatasync, "fdatasync"), (SYS_flock, "flock"),
        (SYS_pselect6, "pselect6"), (SYS_getdents64, "getdents64"), (SYS_madvise, "madvise"), (SYS_openat, "openat"),
        (SYS_close, "close"), (SYS_readv, "readv"), (SYS_writev, "writev"), (SYS_pread64, "pread64"),
        (SYS_sendfile, "sendfile"), (SYS_ioctl, "ioctl"), (SYS_socket, "socket"), (SYS_listen, "listen"),
        (SYS_shutdown, "shutdown"), (SYS_getrandom, "getrandom"), (SYS_io_uring_enter, "io_uring_enter"),
        (SYS_epoll_pwait2, "epoll_pwait2"), (SYS_clone3, "clone3"), (SYS_sched_yield, "sched_yield"),
        (SYS_restart_syscall, "restart_syscall"), (SYS_futex_waitv, "futex_waitv"), (SYS_fallocate, "fallocate"),
        (SYS_pwrite64, "pwrite64"), (SYS_mmap, "mmap"), (SYS_munmap, "munmap"), (SYS_brk, "brk"), (SYS_fcntl, "fcntl"),
        (SYS_ftruncate, "ftruncate"), (SYS_execve, "execve"), (SYS_clone, "clone"),
        (SYS_rt_sigsuspend, "rt_sigsuspend"), (SYS_mprotect, "mprotect"),
    ])
    func agreesWithTheHeaders(number: Int32, name: String) {
        #expect(SystemCallName.text(UInt64(number)) == name)
    }

    @Test(arguments: SystemCallName.Architecture.allCases)
    func unknownNumbersStayNumbers(architecture: SystemCallName.Architecture) {
        #expect(SystemCallName.text(9999, on: architecture) == "call 9999")
        #expect(SystemCallName.text(.max, on: architecture) == "call 18446744073709551615")
    }

    /// Taken from the kernel's generic table, whatever machine this is.
    @Test func namesOfTheOtherArchitecture() {
        #expect(SystemCallName.text(98, on: .arm64) == "futex")
        #expect(SystemCallName.text(242, on: .arm64) == "accept4")
        #expect(SystemCallName.text(202, on: .amd64) == "futex")
        #expect(SystemCallName.text(288, on: .amd64) == "accept4")
    }
}
