package import LoadMetrics

extension Phase {
    /// The phases in which an account waits for the server.
    package static let stallable: [Phase] = [
        .connecting, .securing, .handshaking, .admitting, .sending, .receiving, .closing,
    ]

    /// What a stall in this phase is called.
    ///
    /// Only for `stallable` phases.
    var stallKind: Finding.Kind {
        switch self {
        case .waiting, .open, .connecting, .securing, .handshaking: .handshakeStall
        case .admitting: .admissionStall
        case .sending, .receiving: .replyStall
        case .closing: .closeStall
        }
    }

    /// Where accounts hang, to follow "98 accounts hung".
    var stallPlace: String {
        switch self {
        case .waiting: "offline"
        case .open: "online"
        case .connecting: "in the TCP connect"
        case .securing: "in the TLS handshake"
        case .handshaking: "in the opening handshake"
        case .admitting: "upgraded but not served"
        case .sending: "sending (the server does not read)"
        case .receiving: "waiting for a reply"
        case .closing: "in the close"
        }
    }

    /// Outcomes of iterations that ended because this phase took too long.
    var timeoutSlugs: [String] {
        let kinds: [Outcome.Kind] =
            switch self {
            case .waiting, .open: []
            case .connecting: [.connectTimeout]
            case .securing: [.tlsTimeout]
            case .handshaking: [.handshakeTimeout]
            case .admitting: [.admissionTimeout]
            case .sending: [.sendTimeout]
            case .receiving: [.receiveTimeout, .pingTimeout]
            case .closing: [.closeTimeout]
            }
        return kinds.map(\.slug)
    }

    /// Timings that are recorded when an account passes this phase.
    var timings: [Timing] {
        switch self {
        case .waiting, .open, .sending: []
        case .connecting: [.connect]
        case .securing: [.tls]
        case .handshaking: [.handshake]
        case .admitting: [.admission]
        case .receiving: [.replyService, .ping]
        case .closing: [.close]
        }
    }
}

extension Double {
    /// With one decimal, for sentences.
    var tenths: String {
        let tenths = Int((Swift.min(Swift.max(self, -1e15), 1e15) * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
