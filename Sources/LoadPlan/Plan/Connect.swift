/// TCP connection, TLS, opening handshake, and the wait until the server serves the connection.
package struct Connect: Codable, Equatable, Sendable {
    /// When a connection counts as admitted: a gateway may answer 101 and never look at the connection again.
    package enum Admit: String, Codable, Sendable, CaseIterable {
        /// With the PONG to a PING sent right behind the opening handshake.
        case pong
        /// With the server's first message.
        case message
        /// With the 101.
        case none
    }

    package var admit: Admit
    package var headers: [Header]
    package var subprotocols: [String]
    /// PING every so often while the connection is open; each PONG is due within `timeouts.ping`.
    package var heartbeat: Duration?

    package init(
        admit: Admit = .pong, headers: [Header] = [], subprotocols: [String] = [], heartbeat: Duration? = nil
    ) {
        self.admit = admit
        self.headers = headers
        self.subprotocols = subprotocols
        self.heartbeat = heartbeat
    }
}

/// An extra header of the upgrade request.
package struct Header: Codable, Equatable, Sendable {
    package var name: String
    package var value: Template

    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}
