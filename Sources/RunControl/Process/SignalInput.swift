internal import CLinux
internal import Glibc

/// SIGINT, SIGTERM and SIGHUP as something to read (signalfd(2)) instead of something that interrupts.
final class SignalInput {
    let descriptor: Int32

    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        sigprocmask(SIG_BLOCK, &signals, nil)
        descriptor = signalfd(-1, &signals, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    }

    deinit {
        close(descriptor)
    }

    /// Signals that came since the last call.
    func take() -> Int {
        var count = 0
        var info = signalfd_siginfo()
        while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            count += 1
        }
        return count
    }
}
