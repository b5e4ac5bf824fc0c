internal import Glibc
internal import LoadMetrics

/// The bundled gateway as child processes: message service, gateways and load balancer, as the layout says.
final class GatewayStack {
    private static let stopTimeoutMs: Int32 = 10_000

    private(set) var members: [StackMember] = []

    /// Where the load arrives.
    var address: String { entry?.address ?? "" }
    var port: Int { entry?.port ?? 0 }

    /// Base address of OpenIM's REST API; nil unless the stack speaks OpenIM.
    var rest: String? { members.lazy.compactMap(\.rest).first.map { "http://\($0)" } }

    private var entry: StackMember? {
        members.first { $0.role == .proxy } ?? members.first { $0.role == .gateway }
    }

    /// Starts all processes in the order in which they need each other.
    ///
    /// - Throws: which one did not start, and why; none is left then.
    init(_ layout: StackLayout, executable: String) throws {
        func start(_ role: WatchedSource.Role, _ number: Int, _ name: String, _ command: [String]) throws {
            members.append(
                try StackMember(
                    role: role, number: number, name: name, executable: executable, command: command,
                    environment: layout.environment,
                    log: layout.logPath(of: name.replacing(" ", with: "-"))))
        }
        do {
            if layout.hasMessageService { try start(.messages, 0, "messages", layout.messageServiceCommand()) }
            let messageService = members.first?.address
            for number in 0..<layout.gateways {
                let name = layout.gateways > 1 ? "gateway-\(number)" : "gateway"
                let shared = members.first { $0.role == .gateway }?.address
                try start(
                    .gateway, number, name.replacing("-", with: " "),
                    layout.gatewayCommand(number: number, name: name, shared: shared, messageService: messageService))
            }
            introduceGateways()
            members.first { $0.rest != nil }?.tell(
                gatewayMetrics: members.filter { $0.role == .gateway }.map(\.api))
            if layout.hasProxy {
                let upstreams = members.filter { $0.role == .gateway }.map(\.address)
                try start(.proxy, 0, "proxy", layout.proxyCommand(upstreams: upstreams))
            }
        } catch {
            stop()
            throw error
        }
    }

    private func introduceGateways() {
        let gateways = members.filter { $0.role == .gateway }
        guard gateways.count > 1 else { return }
        for gateway in gateways {
            gateway.introduce(peers: gateways.filter { $0 !== gateway }.compactMap(\.internalAddress))
        }
    }

    /// Processes that have ended by themselves since the last call, with how.
    func takeDeaths() -> [(member: StackMember, how: String)] {
        members.compactMap { member in
            guard member.process.end == nil, let end = member.process.reap() else { return nil }
            return (member, "\(end)")
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
    case notStarted(name: String, how: String, log: String?)
    case ended(name: String, how: String)

    var description: String {
        switch self {
        case .notStarted(let name, let how, let log):
            "the bundled \(name) did not start (\(how))" + (log.map { "; its log: \($0)" } ?? "")
        case .ended(let name, let how): "\(name) ended by itself: \(how)"
        }
    }
}
