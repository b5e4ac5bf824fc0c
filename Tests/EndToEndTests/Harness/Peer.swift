import Foundation
import Testing

/// A server from `Peers/`: prints `listening PORT`, counts, and says its counts when it ends.
final class Peer {
    private let command: RunningCommand
    let port: Int
    var pid: Int32 { command.pid }

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts `program`, an interpreter with the peer's path and options, or the peer itself.
    init(_ program: String, _ arguments: [String]) throws {
        command = try RunningCommand(program, arguments + ["--max-seconds", "120"], keepsInputOpen: true)
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline, command.isRunning, !command.output.contains("\n") { usleep(20_000) }
        let words = command.output.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0] == "listening", let port = Int(words[1]) else {
            throw NotStarted(description: "\(arguments.first ?? program): \(command.errors)")
        }
        self.port = port
    }

    static func broken(_ mode: String, host: String? = nil) throws -> Peer {
        let host = host.map { ["--host", $0] } ?? []
        return try Peer(Project.python, ["-B", Project.peer("broken_peer.py"), "--mode", mode] + host)
    }

    var url: String { "ws://127.0.0.1:\(port)/" }

    func signal(_ number: Int32) {
        command.signal(number)
    }

    /// Ends it and returns what it counted.
    func counts() throws -> [String: Int] {
        command.signal(SIGTERM)
        command.wait(seconds: 20)
        let line = command.output.split(separator: "\n").last ?? ""
        let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        return document.compactMapValues { $0 as? Int }
    }
}
