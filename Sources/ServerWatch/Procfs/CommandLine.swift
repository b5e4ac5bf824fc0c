/// /proc/PID/cmdline (proc_pid_cmdline(5)), for people.
enum CommandLine {
    static let readableLength = 160

    /// Arguments joined by blanks, control characters replaced, cut to `readableLength` characters; nil when empty, as of
    /// a kernel thread or a zombie.
    static func text(_ bytes: [UInt8]) -> String? {
        let arguments = bytes.split(separator: 0, omittingEmptySubsequences: true)
            .map { String(decoding: $0, as: UTF8.self) }
        guard !arguments.isEmpty else { return nil }
        return PrintableText.of(arguments.joined(separator: " "), atMost: readableLength)
    }
}
