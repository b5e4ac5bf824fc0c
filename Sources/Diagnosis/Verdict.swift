package import LoadMetrics

/// What a run comes to, and the exit status that says so.
package struct Verdict: Codable, Equatable, Sendable {
    package enum Status: String, Codable, CaseIterable, Sendable {
        case pass
        case fail
        /// The numbers are not to be trusted: the generator was the bottleneck or lost a part, or the run was cut
        /// short.
        case invalid
    }

    /// Exit statuses of `gatecrash run` that a verdict can lead to; the others (1, 64) never get as far as a report.
    package enum ExitStatus {
        package static let pass: Int32 = 0
        package static let unreachable: Int32 = 4
        package static let invalid: Int32 = 5
        package static let serverAtFault: Int32 = 6
        package static let thresholdFailed: Int32 = 99
        package static let interrupted: Int32 = 130
    }

    package var status: Status
    /// Every reason against a pass, the one that set the exit status first; empty when the run passed.
    package var reasons: [String]
    package var exitStatus: Int32

    package init(status: Status, reasons: [String], exitStatus: Int32) {
        self.status = status
        self.reasons = reasons
        self.exitStatus = exitStatus
    }

    private enum CodingKeys: String, CodingKey {
        case status, reasons, exitStatus = "exit_status"
    }
}

extension Verdict {
    /// Judges a finished run.
    ///
    /// | precedence | when | exit status | status |
    /// |---|---|---|---|
    /// | 1 | interrupted, or the record ends before the run did | 130 | invalid |
    /// | 2 | `generator_limited`, a shard died, the ledger does not balance | 5 | invalid |
    /// | 3 | any other critical finding | 6 | fail |
    /// | 4 | nothing ever opened, and every attempt was refused or failed below the opening handshake | 4 | fail |
    /// | 5 | a threshold failed, or nothing completed | 99 | fail |
    ///
    /// - Parameter interruption: why the run was cut short, nil when it ran to its end.
    package static func judge(
        totals: RunTotals, findings: [Finding], thresholds: [ThresholdResult], interruption: String?
    ) -> Verdict {
        var reasons: [(exitStatus: Int32, text: String)] = []
        if let interruption { reasons.append((ExitStatus.interrupted, interruption)) }
        let critical = findings.filter { $0.severity == .critical }
        for finding in critical where finding.accusesGenerator {
            reasons.append((ExitStatus.invalid, "\(finding.kind.rawValue): \(finding.summary)"))
        }
        if let imbalance = imbalance(of: totals.ledger) { reasons.append((ExitStatus.invalid, imbalance)) }
        for finding in critical where !finding.accusesGenerator {
            reasons.append((ExitStatus.serverAtFault, "\(finding.kind.rawValue): \(finding.summary)"))
        }
        if let unreachable = unreachable(totals) { reasons.append((ExitStatus.unreachable, unreachable)) }
        for threshold in thresholds where !threshold.ok {
            reasons.append((ExitStatus.thresholdFailed, threshold.failure))
        }
        if totals.counters.iterationsCompleted == 0, !thresholds.contains(where: { $0.isImplicit && !$0.ok }) {
            reasons.append((ExitStatus.thresholdFailed, "no iteration completed"))
        }

        guard let first = reasons.first else { return Verdict(status: .pass, reasons: [], exitStatus: ExitStatus.pass) }
        let isInvalid = first.exitStatus == ExitStatus.interrupted || first.exitStatus == ExitStatus.invalid
        return Verdict(status: isInvalid ? .invalid : .fail, reasons: reasons.map(\.text), exitStatus: first.exitStatus)
    }

    private static func imbalance(of ledger: Ledger) -> String? {
        guard !ledger.balances else { return nil }
        return "the ledger does not balance (asked: \(ledger.askedDifference) unaccounted for, "
            + "opened: \(ledger.openedDifference)): a defect of gatecrash, please report it"
    }

    /// Outcomes that end an attempt before the server's program has had a say.
    ///
    /// Time-outs are not among them: silence can be the very fault that is looked for.
    private static let unreachableSlugs = Set(
        [Outcome.Kind.refused, .unreachable, .networkDenied, .connectFailed, .tlsCertificate, .tlsFailed].map(\.slug))

    private static func unreachable(_ totals: RunTotals) -> String? {
        let counters = totals.counters
        guard counters.asked > 0, counters.opened == 0, counters.timedOut == 0 else { return nil }
        let failures = totals.outcomes.filter { Outcome.isFailure(slug: $0.key) }
        guard !failures.isEmpty, failures.keys.allSatisfy(unreachableSlugs.contains) else { return nil }
        let causes = failures.keys.sorted().joined(separator: ", ")
        return "target unreachable: none of \(counters.asked) connections opened (\(causes))"
    }
}

extension Finding {
    /// Speaks against the measurement, not against the server.
    package var accusesGenerator: Bool {
        kind == .generatorLimited || (kind == .processExit && evidence["role"] == ProcessExit.Role.shard.rawValue)
    }
}

extension ThresholdResult {
    fileprivate var failure: String {
        guard let observed else { return "threshold \(expression): no samples" }
        let text =
            switch unit {
            case .microseconds: "\((observed / 1000).hundredths) ms"
            case .count: String(Int(clamping: Int64(min(max(observed, -9e15), 9e15))))
            }
        return "threshold \(expression): was \(text)"
    }
}
