internal import CLinux
internal import Glibc

/// A child process with pipes to its standard input and output; standard error is ours.
final class ChildProcess {
    enum End: Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
            }
        }
    }

    let pid: pid_t
    /// Our end of its standard input; closing it tells the child that we are gone.
    private(set) var input: Int32
    /// Our end of its standard output, not blocking.
    private(set) var output: Int32
    private(set) var end: End?

    /// Starts `executable`. The child has the default signal actions, an empty signal mask, and its own process group, so
    /// that a terminal's Ctrl-C reaches us alone.
    ///
    /// - Parameter environment: more variables than this process has, before which they count.
    init(executable: String, arguments: [String], environment: [String: String] = [:]) throws(ChildError) {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard clinux_pipe(&toChild) == 0 else { throw ChildError.system(call: "pipe2", errno: errno) }
        guard clinux_pipe(&fromChild) == 0 else {
            let reason = errno
            toChild.forEach { _ = close($0) }
            throw ChildError.system(call: "pipe2", errno: reason)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        // getenv(3) finds the first of two.
        let variables = environment.map { strdup("\($0)=\($1)") }
        defer { variables.forEach { free($0) } }
        var inherited = variables
        var entry = clinux_environment()
        while let variable = entry?.pointee {
            inherited.append(variable)
            entry = entry.map { $0 + 1 }
        }
        inherited.append(nil)
        var pid = pid_t()
        let status = posix_spawn(&pid, executable, &actions, &attributes, &words, &inherited)
        close(toChild[0])
        close(fromChild[1])
        guard status == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw ChildError.system(call: "starting \(executable)", errno: status)
        }
        self.pid = pid
        input = toChild[1]
        output = fromChild[0]
        _ = fcntl(output, F_SETFL, fcntl(output, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        closeInput()
        closeOutput()
    }

    /// Writes all of `text`; false when the child no longer reads.
    @discardableResult
    func write(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        while !rest.isEmpty, input >= 0 {
            let written = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return false
            }
        }
        return rest.isEmpty
    }

    func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    func closeOutput() {
        guard output >= 0 else { return }
        close(output)
        output = -1
    }

    func signal(_ number: Int32) {
        if end == nil { kill(pid, number) }
    }

    /// How it ended, if it has; does not wait.
    @discardableResult
    func reap() -> End? {
        if end == nil { wait(options: WNOHANG) }
        return end
    }

    /// Waits at most `milliseconds`, then kills it.
    @discardableResult
    func reapOrKill(afterMilliseconds milliseconds: Int32) -> End? {
        guard reap() == nil else { return end }
        let descriptor = clinux_pidfd_open(pid)
        if descriptor >= 0 {
            var ended = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&ended, 1, milliseconds)
            close(descriptor)
        }
        if reap() == nil {
            kill(pid, SIGKILL)
            wait(options: 0)
        }
        return end
    }

    private func wait(options: Int32) {
        var status: Int32 = 0
        guard waitpid(pid, &status, options) == pid else { return }
        end =
            clinux_signalled(status)
            ? .killed(signal: clinux_termination_signal(status)) : .exited(clinux_exit_status(status))
    }
}

/// A child process could not be started.
enum ChildError: Error, CustomStringConvertible {
    case system(call: String, errno: Int32)

    var description: String {
        switch self {
        case .system(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        }
    }
}
