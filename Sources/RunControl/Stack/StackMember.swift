internal import Foundation
internal import Glibc
internal import LoadMetrics

/// One process of the bundled stack.
final class StackMember {
    /// What a process of the stack prints when it accepts connections.
    private struct ReadyLine: Decodable {
        var event: String
        var address: String
        var api: String
        /// Where the other gateways of the stack reach this one.
        var `internal`: String?
        /// Where a message service of OpenIM answers its REST API.
        var rest: String?
    }

    private static let startTimeoutMs: Int32 = 20_000

    let role: WatchedSource.Role
    /// Of its role, from 0.
    let number: Int
    /// Such as `gateway 1`, unique in the stack.
    let name: String
    let process: ChildProcess
    let log: String?
    private(set) var address = ""
    private(set) var api = ""
    private(set) var internalAddress: String?
    private(set) var rest: String?
    /// As it was printed.
    private(set) var readyLine = ""

    /// Starts the process and waits until it listens.
    init(
        role: WatchedSource.Role, number: Int, name: String, executable: String, command: [String],
        environment: [String: String], log: String?
    ) throws {
        self.role = role
        self.number = number
        self.name = name
        self.log = log
        process = try ChildProcess(executable: executable, arguments: command, environment: environment)
        try awaitReady()
    }

    var port: Int? { address.split(separator: ":").last.flatMap { Int($0) } }

    /// Tells a gateway where the others are.
    func introduce(peers: [String]) { tell("peers", peers) }

    /// Tells OpenIM's message service where the gateways' metrics are, which its API names to whoever asks.
    func tell(gatewayMetrics: [String]) { tell("gatewayMetrics", gatewayMetrics) }

    private func tell(_ what: String, _ addresses: [String]) {
        guard let line = try? JSONEncoder().encode([what: addresses]) else { return }
        process.write(Array(line) + [UInt8(ascii: "\n")])
    }

    private func awaitReady() throws {
        var lines = LineReader()
        var waitedMs: Int32 = 0
        let stepMs: Int32 = 200
        while waitedMs < Self.startTimeoutMs {
            var readable = pollfd(fd: process.output, events: Int16(POLLIN), revents: 0)
            guard poll(&readable, 1, stepMs) != 0 else {
                waitedMs += stepMs
                continue
            }
            let (complete, isEnd) =
                switch lines.read(process.output) {
                case .lines(let complete): (complete, false)
                case .end(let complete): (complete, true)
                }
            for line in complete where take(line) { return }
            if isEnd { break }
        }
        let end = process.reapOrKill(afterMilliseconds: 1_000)
        throw GatewayStackError.notStarted(name: name, how: end.map { "\($0)" } ?? "no answer", log: log)
    }

    private func take(_ line: [UInt8]) -> Bool {
        guard let ready = try? JSONDecoder().decode(ReadyLine.self, from: Data(line)), ready.event == "listening"
        else { return false }
        address = ready.address
        api = ready.api
        internalAddress = ready.internal
        rest = ready.rest
        readyLine = String(decoding: line, as: UTF8.self)
        return true
    }
}
