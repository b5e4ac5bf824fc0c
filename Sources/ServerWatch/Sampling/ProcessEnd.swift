internal import CLinux
internal import Glibc

/// Notices the end of a process, and tells what can be known of it.
struct ProcessEnd: ~Copyable {
    /// A pidfd, readable once the process has ended; -1 on kernels before 5.3, where reading /proc must tell.
    let descriptor: Int32

    init(process: Int32) {
        descriptor = clinux_pidfd_open(process)
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// How it ended, in words: `exit status 1`, `killed by signal 9 (Killed)`; nil when nobody but its parent knows.
    ///
    /// Takes nothing away from the parent: of a child of ours it looks without reaping, of others it reads the status of
    /// the zombie, if there still is one.
    func description(process: borrowing ProcFolder) -> String? {
        if let status = childStatus() { return status }
        guard let stat = (try? process.read("stat")).flatMap({ ProcessStat($0) }), stat.state == "Z",
            let status = stat.exitStatus
        else { return nil }
        if clinux_exited(status) { return Self.text(exitStatus: clinux_exit_status(status)) }
        return clinux_signalled(status) ? Self.text(signal: clinux_termination_signal(status)) : nil
    }

    private func childStatus() -> String? {
        guard descriptor >= 0 else { return nil }
        var info = siginfo_t()
        guard waitid(P_PIDFD, id_t(descriptor), &info, WEXITED | WNOHANG | WNOWAIT) == 0,
            info._sifields._sigchld.si_pid != 0
        else { return nil }
        let status = info._sifields._sigchld.si_status
        return info.si_code == Int32(CLD_EXITED) ? Self.text(exitStatus: status) : Self.text(signal: status)
    }

    private static func text(exitStatus: Int32) -> String { "exit status \(exitStatus)" }

    private static func text(signal: Int32) -> String {
        "killed by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
}
