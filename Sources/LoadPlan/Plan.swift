/// A checked profile: everything resolved, defaults filled in. Shards receive it as JSON.
package struct Plan: Codable, Equatable, Sendable {
    package var name: String
    package var about: String
    package var target: Target
    /// What messages mean; `plain` is the only dialect so far.
    package var dialect: String
    package var accounts: Accounts
    package var load: Load
    package var steps: [Step]
    package var timeouts: Timeouts
    package var stallAfter: Duration
    package var thresholds: [Threshold]
    /// Larger messages from the server end the connection with 1009.
    package var maxMessageBytes: Int
}

package enum Target: Codable, Equatable, Sendable {
    case bundled
    case url(TargetURL)
}

/// `ws://` or `wss://` without user info and fragment. RFC 6455 §3.
package struct TargetURL: Codable, Equatable, Sendable {
    package var isSecure: Bool
    /// Name or address without brackets.
    package var host: String
    package var port: Int
    /// Path and query, beginning with `/`; may hold placeholders.
    package var resource: Template
    package var tls: TLSSettings
    /// Local addresses to connect from, in turn; empty: the kernel chooses.
    package var sources: [String]
}

package struct TLSSettings: Codable, Equatable, Sendable {
    /// PEM file of the authorities to trust instead of the system's.
    package var caFile: String?
    /// Accept any certificate; shown in the report.
    package var insecure: Bool
    /// SNI and certificate name, when not the target's host.
    package var serverName: String?
}

package struct Accounts: Codable, Equatable, Sendable {
    package var count: Int
    /// Only `{index}` is meaningful.
    package var id: Template
}

/// Closed model: each account starts its next iteration when the last one has ended.
package struct Load: Codable, Equatable, Sendable {
    /// nil: until `iterations` are done.
    package var duration: Duration?
    /// Iterations per account; nil: until `duration` is over.
    package var iterations: Int?
    /// Starts are spread evenly over this time.
    package var ramp: Duration
    /// After `duration`: how long iterations may finish before their connections are closed; then cut.
    package var grace: Duration
}

package struct Timeouts: Codable, Equatable, Sendable {
    package var connect: Duration
    package var tls: Duration
    package var handshake: Duration
    package var admission: Duration
    package var send: Duration
    package var receive: Duration
    package var ping: Duration
    package var close: Duration
}

package indirect enum Step: Codable, Equatable, Sendable {
    case connect(Connect)
    case send(Message)
    case receive(Receive)
    case wait(Wait)
    case ping
    case close(Close)
    /// RST instead of a closing handshake.
    case abort
    case `repeat`(times: Int, steps: [Step])
}

package struct Connect: Codable, Equatable, Sendable {
    package enum Admit: String, Codable, Sendable, CaseIterable { case pong, message, none }
    package var admit: Admit
    package var headers: [Header]
    package var subprotocols: [String]
    /// PING every so often while the connection is open; each PONG is due within `timeouts.ping`.
    package var heartbeat: Duration?
}

package struct Header: Codable, Equatable, Sendable {
    package var name: String
    package var value: Template
}

package struct Message: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case text, binary }
    package var kind: Kind
    /// Rendered per send.
    package var payload: Template
    /// Pads (with `.` for text, zero bytes for binary) or, if the template is empty, fills to this many bytes.
    package var paddedToBytes: Int?
}

package struct Receive: Codable, Equatable, Sendable {
    package enum Match: Codable, Equatable, Sendable {
        case any
        case equals(Template)
        case contains(Template)
    }
    package var match: Match
    package var count: Int
    /// nil: `timeouts.receive`.
    package var timeout: Duration?
}

package enum Wait: Codable, Equatable, Sendable {
    case fixed(Duration)
    case uniform(from: Duration, to: Duration)
    /// Exponential with this mean, cut at ten times the mean.
    case exponential(mean: Duration)
    /// Until the run's duration is over.
    case end
}

package struct Close: Codable, Equatable, Sendable {
    /// nil: no code in the close frame.
    package var code: UInt16?
    package var reason: String
}
