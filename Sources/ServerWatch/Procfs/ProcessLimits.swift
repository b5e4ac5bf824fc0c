/// What /proc/PID/limits tells (proc_pid_limits(5)).
struct ProcessLimits: Equatable {
    /// The soft limit of open descriptors; nil when there is none.
    var openFiles: Int?

    /// - Returns: nil for text that is not of this file.
    init?(_ bytes: [UInt8]) {
        var text = ByteScanner(bytes)
        while var line = text.line() {
            guard line.skip(prefix: "Max open files") else { continue }
            if let limit = line.decimal() {
                openFiles = Int(exactly: limit)
                return
            }
            guard line.word()?.rest == "unlimited" else { return nil }
            return
        }
        return nil
    }
}
