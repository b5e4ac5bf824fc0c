import Foundation
import Testing

/// `Peers/openim/openim_server.py`: an OpenIM deployment that shares no code with gatecrash.
final class OpenIMServer {
    private let command: RunningCommand
    /// `ws://HOST:PORT/`
    let gateway: String
    /// `http://HOST:PORT`
    let api: String

    /// Starts it as `version` of OpenIM, with more of its options.
    init(_ version: String, _ options: [String] = []) throws {
        let script = Project.peer("openim/openim_server.py")
        command = try RunningCommand(
            Project.python, ["-B", script, "--version", version, "--max-seconds", "180"] + options,
            keepsInputOpen: true)
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline, command.isRunning, !command.output.contains("\n") { usleep(20_000) }
        let ports = ReportDocument(text: command.output)
        guard ports.int("gateway") > 0, ports.int("api") > 0 else {
            throw Peer.NotStarted(description: "openim_server.py: \(command.output)\(command.errors)")
        }
        gateway = "ws://127.0.0.1:\(ports.int("gateway"))/"
        api = "http://127.0.0.1:\(ports.int("api"))"
    }

    /// What `gatecrash run` is told of it.
    var arguments: [String] { ["--target", gateway, "--openim-api", api] }

    /// Ends it: what it has seen, see `openim_record.py`.
    func record() -> ReportDocument {
        command.signal(SIGTERM)
        command.wait(seconds: 20)
        return ReportDocument(text: command.output.split(separator: "\n").last.map(String.init) ?? "")
    }

    /// Recorded frames and handshake answers of the real gateways.
    static let vectors = Project.root.appending(path: "Tests/DialectsTests/Vectors/openim-vectors.json").path

    /// Runs `openim_client.py` against a deployment: every check must hold.
    static func check(gateway: String, api: String, version: String, _ options: [String]) throws -> RunningCommand {
        try RunningCommand(
            Project.python,
            [
                "-B", Project.peer("openim/openim_client.py"), "--gateway", gateway, "--api", api, "--version", version,
                "--vectors", vectors,
            ] + options)
    }
}
