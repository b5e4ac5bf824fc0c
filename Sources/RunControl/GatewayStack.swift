internal import Foundation
internal import Glibc

/// The bundled gateway as child processes that share one port.
final class GatewayStack {
    /// What a gateway process prints when it accepts connections.
    private struct ReadyLine: Decodable {
        var event: String
        var address: String
    }

    struct Member {
        let process: ChildProcess
        let log: String?
        var address = ""
        var readyLine = ""
        var lines = LineReader()
    }

    private static let startTimeoutMs: Int32 = 20_000
    private static let stopTimeoutMs: Int32 = 10_000

    private(set) var members: [Member] = []
    var address: String { members.first?.address ?? "" }
    var port: Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    /// Starts `count` processes on the port of `listen`, or on one that the kernel chooses. With a `logBase` of `a/gateway.log` several
    /// processes log to `a/gateway-0.log` and so on; without one they log to standard error.
    init(
        count: Int, executable: String, listen: String, api: String, logBase: String?, arguments: [String]
    ) throws {
        do {
            for number in 0..<count {
                // The first one may get a port from the kernel, the others join it.
                var words = ["gateway", "--child", "--listen", members.first?.address ?? listen]
                words += ["--api", Self.counted(api, by: number)]
                let log = logBase.map { count > 1 ? Self.numbered($0, number) : $0 }
                if let log { words += ["--log", log] }
                if count > 1 { words.append("--reuse-port") }
                var member = Member(
                    process: try ChildProcess(executable: executable, arguments: words + arguments), log: log)
                try Self.awaitReady(&member)
                members.append(member)
            }
        } catch {
            stop()
            throw error
        }
    }

    private static func counted(_ endpoint: String, by number: Int) -> String {
        guard let colon = endpoint.lastIndex(of: ":"), let port = Int(endpoint[endpoint.index(after: colon)...]),
            port > 0
        else { return endpoint }
        return "\(endpoint[...colon])\(port + number)"
    }

    private static func numbered(_ path: String, _ number: Int) -> String {
        path.hasSuffix(".log") ? "\(path.dropLast(4))-\(number).log" : "\(path)-\(number)"
    }

    private static func awaitReady(_ member: inout Member) throws {
        var waited: Int32 = 0
        while waited < startTimeoutMs {
            var readable = pollfd(fd: member.process.output, events: Int16(POLLIN), revents: 0)
            let step: Int32 = 200
            guard poll(&readable, 1, step) != 0 else {
                waited += step
                continue
            }
            let (lines, isEnd) =
                switch member.lines.read(member.process.output) {
                case .lines(let lines): (lines, false)
                case .end(let lines): (lines, true)
                }
            for line in lines {
                guard let ready = try? JSONDecoder().decode(ReadyLine.self, from: Data(line)),
                    ready.event == "listening"
                else { continue }
                member.address = ready.address
                member.readyLine = String(decoding: line, as: UTF8.self)
                return
            }
            if isEnd { break }
        }
        let end = member.process.reapOrKill(afterMilliseconds: 1_000)
        throw GatewayStackError.notStarted(how: end.map { "\($0)" } ?? "no answer", log: member.log)
    }

    /// Processes that have ended by themselves since the last call, with how.
    func takeDeaths() -> [(number: Int, pid: Int32, how: String)] {
        members.enumerated().compactMap { number, member in
            guard member.process.end == nil, let end = member.process.reap() else { return nil }
            return (number, member.process.pid, "\(end)")
        }
    }

    /// Ends all processes: in order first, by force when that takes too long.
    func stop() {
        for member in members { member.process.signal(SIGTERM) }
        for member in members { member.process.reapOrKill(afterMilliseconds: Self.stopTimeoutMs) }
    }
}

/// The bundled gateway did not come up, or did not stay.
enum GatewayStackError: Error, CustomStringConvertible {
    case notStarted(how: String, log: String?)
    case ended(number: Int, how: String)

    var description: String {
        switch self {
        case .notStarted(let how, let log):
            "the bundled gateway did not start (\(how))" + (log.map { "; its log: \($0)" } ?? "")
        case .ended(let number, let how): "gateway process \(number) ended by itself: \(how)"
        }
    }
}
