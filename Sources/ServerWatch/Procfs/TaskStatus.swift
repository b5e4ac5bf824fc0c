/// What /proc/PID/status or /proc/PID/task/TID/status tells (proc_pid_status(5)).
struct TaskStatus: Equatable {
    var name = ""
    /// `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`.
    var state: Character = "?"
    /// Absent of a process without memory of its own (a zombie).
    var residentKiB: Int?
    var voluntarySwitches: UInt64 = 0
    var involuntarySwitches: UInt64 = 0

    /// - Returns: nil for text that is not of this file.
    init?(_ bytes: [UInt8]) {
        var text = ByteScanner(bytes)
        var hasState = false
        while var line = text.line() {
            if line.skip(prefix: "Name:") {
                name = line.rest
            } else if line.skip(prefix: "State:") {
                guard let letter = line.rest.first else { return nil }
                state = letter
                hasState = true
            } else if line.skip(prefix: "VmRSS:") {
                residentKiB = line.decimal().flatMap { Int(exactly: $0) }
            } else if line.skip(prefix: "voluntary_ctxt_switches:") {
                voluntarySwitches = line.decimal() ?? 0
            } else if line.skip(prefix: "nonvoluntary_ctxt_switches:") {
                involuntarySwitches = line.decimal() ?? 0
            }
        }
        guard hasState else { return nil }
    }
}
