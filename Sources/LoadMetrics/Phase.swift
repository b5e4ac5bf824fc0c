/// Where an account stands right now.
///
/// The names are those of the report's `series[].phases`.
package enum Phase: UInt8, BitwiseCopyable, CaseIterable, Codable, Sendable {
    /// Offline: before its first start, between iterations, or in a `wait` step without a connection.
    case waiting
    /// TCP connect submitted, not yet answered.
    case connecting
    /// TLS handshake under way.
    case securing
    /// Upgrade request sent, response head not complete.
    case handshaking
    /// Upgraded, but the server has answered nothing on the connection yet.
    case admitting
    /// Online, and waiting for nothing from the server. A connection that its client has abandoned counts here too,
    /// beside the client itself.
    case open
    /// A message is partly in the kernel: the server does not read.
    case sending
    /// Waiting for a message or for a PONG.
    case receiving
    /// Close frame sent or answered, TCP connection not yet gone.
    case closing

    /// The key in JSON documents and the word on the terminal.
    package var name: String { String(describing: self) }

    /// The phase of that name; nil for any other word.
    package init?(name: String) {
        guard let phase = Self.byName[name] else { return nil }
        self = phase
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}

extension Phase {
    /// Asked for and neither opened nor given up: the ledger's `in_flight`.
    package static let inFlight: [Phase] = [.connecting, .securing, .handshaking, .admitting]
    /// Opened and not yet gone: the ledger's `still_open`.
    package static let online: [Phase] = [.open, .sending, .receiving, .closing]
}
