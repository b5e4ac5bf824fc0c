package import Diagnosis
package import LoadMetrics

/// What the live view shows: the run so far and its latest second.
package struct LiveState: Sendable {
    package var profile: String
    package var target: String
    package var accounts: Int
    /// Seconds since the run's start.
    package var elapsedS: Double
    /// nil when iterations, not time, end the run.
    package var plannedS: Double?
    /// What the run is doing beyond running, such as `finishing (grace 10 s)`; nil while it simply runs.
    package var stage: String?
    /// Counts of the whole run.
    package var counters: Counters
    package var outcomes: [String: Int]
    /// The latest whole second; nil until there is one.
    package var latest: IntervalGroup?
    package var findings: [Finding]
    /// The latest of what is watched.
    package var server: [(name: String, descriptorLimit: Int?, point: ServerPoint)]

    package init(
        profile: String, target: String, accounts: Int, elapsedS: Double, plannedS: Double?, stage: String?,
        counters: Counters, outcomes: [String: Int], latest: IntervalGroup?, findings: [Finding],
        server: [(name: String, descriptorLimit: Int?, point: ServerPoint)] = []
    ) {
        self.profile = profile
        self.target = target
        self.accounts = accounts
        self.elapsedS = elapsedS
        self.plannedS = plannedS
        self.stage = stage
        self.counters = counters
        self.outcomes = outcomes
        self.latest = latest
        self.findings = findings
        self.server = server
    }
}

extension LiveState {
    var failures: [(slug: String, count: Int)] {
        outcomes.filter { Outcome.isFailure(slug: $0.key) }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (slug: $0.key, count: $0.value) }
    }

    /// The phases that hold accounts, in the order in which an account goes through them.
    var phases: [(phase: Phase, gauge: PhaseGauge)] {
        Phase.allCases.compactMap { phase in
            guard let gauge = latest?.phases[phase], gauge.count > 0 else { return nil }
            return (phase: phase, gauge: gauge)
        }
    }

    /// The findings that are still going on, grave ones first.
    var current: [Finding] {
        let going = findings.filter { $0.endedS == nil }
        return going.filter { $0.severity == .critical } + going.filter { $0.severity == .warning }
    }

    var time: String {
        let elapsed = Quantity.clock(s: elapsedS)
        return plannedS.map { "\(elapsed) of \(Quantity.clock(s: $0))" } ?? elapsed
    }
}
