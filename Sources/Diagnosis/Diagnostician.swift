package import LoadMetrics

/// Applies every rule to a run as it unfolds.
///
/// Pure: what it says depends on what it was shown, not on when.
///
/// Feed it each second in order (`IntervalGrouping` hands them out so) and each process's end; `findings` is current
/// at any moment, which is how the live view shows them while the server still hangs.
package struct Diagnostician: Sendable {
    private var stalls: [StallWatch]
    private var generator: GeneratorWatch
    private var exits: [Finding] = []

    /// - Parameter stallAfterMs: the profile's `stall.after`, milliseconds.
    package init(stallAfterMs: Int, thresholds: DiagnosisThresholds = DiagnosisThresholds()) {
        stalls = Phase.stallable.map { StallWatch(phase: $0, stallAfterMs: stallAfterMs, thresholds: thresholds) }
        generator = GeneratorWatch(thresholds: thresholds)
    }

    package mutating func observe(_ group: IntervalGroup) {
        for index in stalls.indices { stalls[index].observe(group) }
        generator.observe(group)
    }

    package mutating func observe(_ exit: ProcessExit) {
        exits.append(exit.finding)
    }

    /// Everything found so far by onset, the grave ones first among equals.
    ///
    /// A finding without an end is still going on.
    package var findings: [Finding] {
        (exits + stalls.flatMap(\.findings) + generator.findings).enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.onsetS != b.onsetS { return a.onsetS < b.onsetS }
            if a.severity != b.severity { return a.severity == .critical }
            return left.offset < right.offset
        }.map(\.element)
    }
}

extension Diagnostician {
    /// The findings of a whole run.
    package static func findings(
        stallAfterMs: Int, groups: some Sequence<IntervalGroup>, exits: [ProcessExit] = [],
        thresholds: DiagnosisThresholds = DiagnosisThresholds()
    ) -> [Finding] {
        var diagnostician = Diagnostician(stallAfterMs: stallAfterMs, thresholds: thresholds)
        for group in groups { diagnostician.observe(group) }
        for exit in exits { diagnostician.observe(exit) }
        return diagnostician.findings
    }
}
