/// /proc/PID/stat or /proc/PID/task/TID/stat (proc_pid_stat(5)).
struct ProcessStat: Equatable {
    /// At most 15 bytes; may hold any character.
    var name: String
    /// `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`.
    var state: Character
    var parent: Int32
    var userTicks: UInt64
    var systemTicks: UInt64
    var threads: Int
    /// Clock ticks since boot; together with the pid the identity of a process.
    var startTicks: UInt64
    var residentPages: UInt64
    /// As wait(2) gives it, of a zombie, and 0 without PTRACE_MODE_READ; nil on old kernels.
    var exitStatus: Int32?

    /// A zombie still has its numbers, but is no server any more. The state is the first thread's alone: that may have
    /// ended while others go on.
    var hasEnded: Bool { (state == "Z" || state == "X") && threads <= 1 }

    /// - Returns: nil for text that is not of this file.
    init?(_ bytes: [UInt8]) {
        // The name may hold blanks and parentheses itself: the last one is the file's own.
        guard let open = bytes.firstIndex(of: 0x28), let close = bytes.lastIndex(of: 0x29), open < close else {
            return nil
        }
        name = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
        var fields = ByteScanner(Array(bytes[(close + 1)...]))
        guard let state = fields.word()?.rest, state.count == 1, let letter = state.first,
            let parent = fields.decimal().flatMap({ Int32(exactly: $0) })
        else { return nil }
        self.state = letter
        self.parent = parent
        fields.skipWords(9)
        guard let user = fields.decimal(), let system = fields.decimal() else { return nil }
        userTicks = user
        systemTicks = system
        fields.skipWords(4)
        guard let threads = fields.decimal().flatMap({ Int(exactly: $0) }) else { return nil }
        self.threads = threads
        fields.skipWords(1)
        guard let start = fields.decimal() else { return nil }
        startTicks = start
        fields.skipWords(1)
        guard let resident = fields.decimal() else { return nil }
        residentPages = resident
        fields.skipWords(27)
        exitStatus = fields.decimal().flatMap { Int32(exactly: $0) }
    }
}
