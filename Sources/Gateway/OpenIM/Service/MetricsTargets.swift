internal import Foundation
internal import Synchronization

/// Where the gateways' metrics are, as the stack's controller tells: for `/prometheus_discovery/msg_gateway`.
final class MetricsTargets: Sendable {
    private struct Line: Decodable {
        var gatewayMetrics: [String]
    }

    private let known = Mutex<[String]>([])

    var all: [String] { known.withLock { $0 } }

    /// Takes `{"gatewayMetrics":["HOST:PORT",…]}`.
    ///
    /// - Returns: whether it was such a line.
    @discardableResult
    func take(_ line: String) -> Bool {
        guard let parsed = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
            parsed.gatewayMetrics.allSatisfy({ HostAndPort($0) != nil })
        else { return false }
        known.withLock { $0 = parsed.gatewayMetrics }
        return true
    }
}
