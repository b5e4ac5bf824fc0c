internal import Foundation
internal import Glibc

/// The body of `gatecrash shard`: a plan on standard input, intervals on standard output, trouble on standard error.
package enum ShardProcess {
    /// Plays one shard to its end.
    package static func run() throws {
        guard let line = readLine(), let data = line.data(using: .utf8) else { throw ShardError.noPlan }
        // The terminal sends its interrupt to the whole foreground group; only the controller decides when a shard ends.
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        var shard = try Shard(
            JSONDecoder().decode(ShardPlan.self, from: data), control: STDIN_FILENO, output: STDOUT_FILENO)
        shard.run()
    }

    /// One line from standard input, byte by byte: what follows it belongs to the control reader.
    private static func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let length = read(STDIN_FILENO, &byte, 1)
            if length < 0, errno == EINTR { continue }
            guard length == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }
}
