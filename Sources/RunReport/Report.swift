package import Diagnosis
package import LoadMetrics

/// The report document, `report.json`.
///
/// `Reports/report.schema.json` is its contract: the names and units here change only together with `schemaName`.
package struct Report: Codable, Equatable, Sendable {
    package static let schemaName = "gatecrash.report/1"

    package var schema = Report.schemaName
    package var run: Run
    package var verdict: Verdict
    package var findings: [Finding]
    package var totals: Totals
    /// By `Timing.name`; a timing without samples is absent.
    package var timingsUs: [String: TimingSummary]
    /// Accounts that were waiting for something when the run ended, by `Phase.name`.
    package var pendingAtEnd: [String: Pending]
    package var series: [SeriesPoint]
    package var generator: Generator
    package var thresholds: [ThresholdResult]
    /// Examples of refused opening handshakes.
    package var refusals: [Refusal]
    /// Examples of protocol violations.
    package var violations: [String]
    package var warnings: [String]
    package var evidence: [Evidence]
    /// What was kept at critical findings.
    package var scenes: [Scene]
    package var server: Server?

    private enum CodingKeys: String, CodingKey {
        case schema, run, verdict, findings, totals, timingsUs = "timings_us", pendingAtEnd = "pending_at_end", series
        case generator, thresholds, refusals, violations, warnings, evidence, scenes, server
    }
}

extension Report {
    /// What was run, by whom and on what.
    package struct Run: Codable, Equatable, Sendable {
        package var id: String
        package var profile: Profile
        package var target: String
        package var addresses: [String]
        package var dialect: String
        package var accounts: Int
        package var seed: UInt64
        package var startedAt: String
        /// As long as it took, seconds.
        package var durationS: Double
        /// As long as the profile wants it to take, without ramp-down and grace; nil when iterations end it.
        package var plannedDurationS: Double?
        package var stallAfterMs: Int
        package var version: String
        package var host: Host
        package var shards: Int
        /// Present for `wss`.
        package var tls: TLS?
        /// Present where accounts had to be got ready.
        package var enrollment: Enrollment?

        private enum CodingKeys: String, CodingKey {
            case id, profile, target, addresses, dialect, accounts, seed, startedAt = "started_at"
            case durationS = "duration_s", plannedDurationS = "planned_duration_s", stallAfterMs = "stall_after_ms"
            case version, host, shards, tls, enrollment
        }
    }

    package struct Profile: Codable, Equatable, Sendable {
        package var name: String
        /// Of the profile's text.
        package var sha256: String
    }

    package struct TLS: Codable, Equatable, Sendable {
        /// Any certificate was accepted.
        package var insecure: Bool
    }

    /// Accounts in a phase when the run ended.
    package struct Pending: Codable, Equatable, Sendable {
        package var count: Int
        package var oldestMs: Int
        package var stalled: Int

        private enum CodingKeys: String, CodingKey {
            case count, oldestMs = "oldest_ms", stalled
        }
    }

    /// What the generator itself used, over all shards.
    package struct Generator: Codable, Equatable, Sendable {
        package var cpuS: Double
        package var cpuUserS: Double
        package var cpuSystemS: Double
        package var rssKiBMax: Int
        package var descriptorsMax: Int
        /// Largest delay of a timer behind its due time, microseconds.
        package var scheduleLagUs: Int
        /// Of the busiest shard in its busiest interval, 0…1.
        package var busyMax: Double

        private enum CodingKeys: String, CodingKey {
            case cpuS = "cpu_s", cpuUserS = "cpu_user_s", cpuSystemS = "cpu_system_s", rssKiBMax = "rss_kib_max"
            case descriptorsMax = "fds_max", scheduleLagUs = "schedule_lag_us", busyMax = "busy_max"
        }
    }

    /// A file in the run's folder that belongs to a finding.
    package struct Evidence: Codable, Equatable, Sendable {
        package var file: String
        package var what: String

        package init(file: String, what: String) {
            self.file = file
            self.what = what
        }
    }
}
