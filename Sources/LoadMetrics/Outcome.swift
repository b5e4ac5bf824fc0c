/// How an iteration ended.
///
/// A closed set: each kind has a slug that never changes, because dashboards key on it.
package struct Outcome: Hashable, BitwiseCopyable, Sendable {
    package enum Kind: UInt8, BitwiseCopyable, CaseIterable, Sendable {
        case ok
        // TCP
        /// By a reset of the SYN; with a code: the dialect's answer to the opening handshake, such as OpenIM's 1601.
        case refused
        case connectTimeout
        case unreachable
        case noLocalPort
        case noDescriptors
        case noBuffers
        case networkDenied
        case connectFailed
        // TLS
        case tlsTimeout
        case tlsCertificate
        case tlsFailed
        // opening handshake
        case handshakeTimeout
        /// `code` is the HTTP status.
        case handshakeRejected
        case handshakeInvalid
        case handshakeLost
        case admissionTimeout
        // open connection
        case sendTimeout
        case receiveTimeout
        case pingTimeout
        case heartbeatTimeout
        /// The server answered a request with an error; `code` is the dialect's.
        case requestFailed
        /// A message that is none of the dialect.
        case messageInvalid
        /// `code` is the close code we answered with.
        case protocolError
        /// The peer began the closing handshake while a step still wanted something; `code` is its close code (1005:
        /// none).
        case closedByPeer
        /// The peer closed the login because of a newer one, as the profile expects: neither a success nor a failure.
        case kicked
        /// The same when the profile does not expect it; `code` is the close code.
        case kickedUnexpectedly
        /// FIN without a close frame.
        case connectionEnded
        /// RST, or any other error of the transport.
        case connectionReset
        case closeTimeout
        /// A step that needs a connection ran without one.
        case notConnected
        /// Cut at the end of the run, after the grace period or by a hard stop.
        case interrupted
    }

    package var kind: Kind
    /// HTTP status, close code or the dialect's error code where the kind says so, otherwise 0.
    package var code: UInt32

    /// - Parameter code: cut at the ends of 32 bits.
    package init(_ kind: Kind, code: some BinaryInteger = 0 as UInt32) {
        self.kind = kind
        self.code = UInt32(clamping: code)
    }

    /// The stable name in reports, such as `receive_timeout` or `handshake_rejected:404`.
    package var slug: String { code == 0 ? kind.slug : "\(kind.slug):\(code)" }

    package var isFailure: Bool { kind.isFailure }

    /// The same of a slug; an unknown one is a failure.
    package static func isFailure(slug: String) -> Bool {
        !Kind.slugsWithoutFault.contains(slug)
    }
}

extension Outcome.Kind {
    package var isFailure: Bool {
        switch self {
        case .ok, .kicked, .interrupted: false
        default: true
        }
    }

    fileprivate static let slugsWithoutFault = Set(allCases.filter { !$0.isFailure }.map(\.slug))

    /// The case's name in snake case.
    package var slug: String {
        var slug = ""
        for character in String(describing: self) {
            if character.isUppercase { slug += "_" }
            slug += character.lowercased()
        }
        return slug
    }
}
