extension Threshold {
    /// The names of LoadMetrics' `Timing`, which this module does not import; a test of a module that sees both keeps
    /// them equal.
    package static let timingNames = [
        "connect", "tls", "handshake", "admission", "reply", "reply_service", "delivery", "ping", "close", "session",
        "iteration",
    ]

    /// The slugs of LoadMetrics' `Outcome.Kind`, kept equal in the same way.
    ///
    /// A slug that no outcome has would make a threshold that always sees zero.
    package static let outcomeSlugs = [
        "ok",
        "refused", "connect_timeout", "unreachable", "no_local_port", "no_descriptors", "no_buffers", "network_denied",
        "connect_failed",
        "tls_timeout", "tls_certificate", "tls_failed",
        "handshake_timeout", "handshake_rejected", "handshake_invalid", "handshake_lost", "admission_timeout",
        "send_timeout", "receive_timeout", "ping_timeout", "heartbeat_timeout", "request_failed", "message_invalid",
        "protocol_error", "closed_by_peer",
        "kicked", "kicked_unexpectedly", "connection_ended", "connection_reset", "close_timeout", "not_connected",
        "interrupted",
    ]

    /// The slugs that may carry an HTTP status or a close code behind a colon.
    static let outcomeSlugsWithStatus = [
        "handshake_rejected", "protocol_error", "closed_by_peer", "kicked_unexpectedly",
    ]

    /// The slugs that may carry an error code of the dialect, such as OpenIM's 1601.
    static let outcomeSlugsWithErrorCode = ["refused", "request_failed"]

    static let outcomeSlugsWithCode = outcomeSlugsWithErrorCode + outcomeSlugsWithStatus

    /// Everything that may stand on the left of a comparison, codes excepted.
    package static let metricNames: [String] =
        timingNames.flatMap { timing in Aggregate.allCases.map { "\(timing).\($0.rawValue)" } }
        + (["failed"] + outcomeSlugs).map { "outcomes.\($0)" }
        + Iterations.allCases.map { "iterations.\($0.rawValue)" }
        + Connections.allCases.map { "connections.\($0.rawValue)" }
        + Messages.allCases.map { "messages.\($0.rawValue)" }
}
