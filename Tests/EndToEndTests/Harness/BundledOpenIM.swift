import Foundation
import Testing

/// `gatecrash gateway --dialect openim`: gateways and a message service that several runs can be played against.
final class BundledOpenIM {
    private let command: RunningCommand
    /// `ws://HOST:PORT/`
    let gateway: String
    /// `http://HOST:PORT`
    let api: String

    /// Starts it as `version` of OpenIM, with more of its options.
    init(_ version: String, _ options: [String] = []) throws {
        command = try RunningCommand(
            Project.gatecrash, ["gateway", "--dialect", "openim", "--openim-version", version] + options)
        var lines: [ReportDocument] = []
        command.wait(
            seconds: 30,
            until: {
                lines = $0.output.split(separator: "\n").map { ReportDocument(text: String($0)) }
                return lines.count >= 2 || !$0.isRunning
            })
        func address(_ role: String, _ key: String) -> String? {
            lines.first { $0.value("role") as? String == role }?.value(key) as? String
        }
        guard let gateway = address("gateway", "address"), let rest = address("messages", "rest") else {
            throw Peer.NotStarted(description: "gatecrash gateway: \(command.output)\(command.errors)")
        }
        self.gateway = "ws://\(gateway)/"
        api = "http://\(rest)"
    }

    deinit {
        command.signal(SIGINT)
        let deadline = Date(timeIntervalSinceNow: 2)
        while command.isRunning, Date() < deadline { usleep(20_000) }
        // A frozen gateway takes its time to close in order.
        command.signal(SIGINT)
        command.wait(seconds: 20)
    }

    /// What `gatecrash run` is told of it.
    var arguments: [String] { ["--target", gateway, "--openim-api", api] }
}
