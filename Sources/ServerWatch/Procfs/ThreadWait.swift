/// Where a thread is, as far as /proc/PID/task/TID lets us know.
struct ThreadWait: Equatable, Sendable {
    /// The system call and its arguments, of /proc/TID/syscall (proc_pid_syscall(5)).
    enum Call: Equatable, Sendable {
        /// Not in a call, and not sleeping either.
        case running
        case call(number: UInt64, arguments: [UInt64])
        /// Asleep, but not in a call (a page fault, a signal's stop).
        case outside
        case unreadable
    }

    /// The kernel function in which it sleeps (proc_pid_wchan(5)); nil when it runs or is not ours to know.
    var channel: String?
    var call: Call
    /// Functions of the kernel stack, innermost first (proc_pid_stack(5)); empty when not ours to know.
    var stack: [String]

    init(channel: String?, call: Call, stack: [String]) {
        self.channel = channel
        self.call = call
        self.stack = stack
    }

    /// - Parameter thread: the folder /proc/PID/task/TID.
    init(_ thread: borrowing ProcFolder) {
        channel = (try? thread.read("wchan")).flatMap { Self.channel($0) }
        call = (try? thread.read("syscall")).map { Self.call($0) } ?? .unreadable
        stack = (try? thread.read("stack")).map { Self.stack($0) } ?? []
    }

    static func channel(_ bytes: [UInt8]) -> String? {
        let name = PrintableText.of(String(decoding: bytes.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self), atMost: 80)
        return name.isEmpty || name == "0" ? nil : name
    }

    static func call(_ bytes: [UInt8]) -> Call {
        var text = ByteScanner(bytes)
        if text.skip(prefix: "running") { return .running }
        if text.skip("-") { return .outside }
        guard let number = text.decimal() else { return .unreadable }
        var arguments: [UInt64] = []
        // Six arguments, then the stack pointer and the program counter.
        while arguments.count < 6, let argument = text.hexadecimal() { arguments.append(argument) }
        return arguments.count == 6 ? .call(number: number, arguments: arguments) : .unreadable
    }

    /// Lines such as `[<0>] futex_wait_queue+0x66/0x90`.
    static func stack(_ bytes: [UInt8]) -> [String] {
        var text = ByteScanner(bytes)
        var functions: [String] = []
        while functions.count < 64, var line = text.line() {
            guard line.word() != nil, let function = line.word()?.rest else { continue }
            functions.append(PrintableText.of(function.prefix { $0 != "+" }, atMost: 80))
        }
        return functions
    }

    /// The call's name alone, without arguments; nil when it is in none, or not ours to know.
    var callName: String? {
        guard case .call(let number, _) = call else { return nil }
        return SystemCallName.text(number)
    }

    /// `accept4(5, 0x0, …)`, `running`.
    var callText: String {
        switch call {
        case .running: return "running"
        case .outside: return "in no system call"
        case .unreadable: return "system call not readable"
        case .call(let number, let arguments):
            let name = SystemCallName.text(number)
            let texts = arguments.enumerated().map { index, argument in
                index == 0 && SystemCallName.takesDescriptor(name)
                    ? "\(Int32(truncatingIfNeeded: argument))" : "0x" + String(argument, radix: 16)
            }
            return "\(name)(\(texts.joined(separator: ", ")))"
        }
    }
}
