/// Something that a rule saw in a run, with the numbers that made it say so.
package struct Finding: Codable, Equatable, Sendable {
    /// A closed set; the slugs never change, because dashboards key on them.
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case handshakeStall = "handshake_stall"
        case admissionStall = "admission_stall"
        case replyStall = "reply_stall"
        case closeStall = "close_stall"
        case connectionFreeze = "connection_freeze"
        case descriptorLeak = "fd_leak"
        case descriptorExhaustion = "fd_exhaustion"
        case memoryGrowth = "memory_growth"
        case processExit = "process_exit"
        case overload
        case generatorLimited = "generator_limited"
    }

    package enum Severity: String, Codable, CaseIterable, Sendable {
        /// Worth reading; does not change the verdict.
        case warning
        /// Decides the verdict: the server is at fault, or, of the generator, the run is invalid.
        case critical
    }

    package var kind: Kind
    package var severity: Severity
    /// First seen, seconds since the run's start.
    package var onsetS: Double
    /// No longer seen, seconds since the run's start; nil when it lasted to the end.
    package var endedS: Double?
    /// One sentence.
    package var summary: String
    /// What the sentence rests on; units are in the keys.
    package var evidence: [String: String]

    package init(
        kind: Kind, severity: Severity, onsetS: Double, endedS: Double? = nil, summary: String,
        evidence: [String: String]
    ) {
        self.kind = kind
        self.severity = severity
        self.onsetS = onsetS
        self.endedS = endedS
        self.summary = summary
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case kind, severity, onsetS = "onset_s", endedS = "ended_s", summary, evidence
    }
}
