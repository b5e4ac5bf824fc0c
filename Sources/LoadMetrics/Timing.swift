/// What is timed.
///
/// One histogram each, in whole microseconds; the names are those of the report's `timings_us`.
package enum Timing: UInt8, CaseIterable, Codable, Sendable {
    /// TCP connect submitted → connected.
    case connect
    /// TLS ClientHello → handshake finished.
    case tls
    /// Upgrade request sent → 101 complete and checked.
    case handshake
    /// 101 complete → the server's first answer on the new connection.
    case admission
    /// Intended send → matching reply (response time, free of coordinated omission).
    case reply
    /// Actual send → matching reply (service time).
    case replyService
    /// Intended send by one account → its push at another (or at itself); of the dialects that push.
    case delivery
    /// PING sent → its PONG, in `ping` steps and heartbeats.
    case ping
    /// Our close frame sent (or the peer's received) → TCP connection gone.
    case close
    /// Opening handshake complete → connection gone.
    case session
    /// First step of an iteration due → last step done; successful iterations only.
    case iteration

    /// The key in JSON documents.
    package var name: String { self == .replyService ? "reply_service" : String(describing: self) }

    /// The timing of that name; nil for any other word.
    package init?(name: String) {
        guard let timing = Self.byName[name] else { return nil }
        self = timing
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}
