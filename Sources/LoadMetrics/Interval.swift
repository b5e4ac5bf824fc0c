/// What one shard did between two interval boundaries, and where its accounts stand at the second one.
package struct Interval: Codable, Equatable, Sendable {
    package var shard: Int
    package var sequence: Int
    /// Boundaries in seconds since the run's start.
    package var startS: Double
    package var endS: Double
    package var counters = Counters()
    /// Ended iterations by `Outcome.slug`.
    package var outcomes: [String: Int] = [:]
    /// Close codes by `by_us:1000`, `by_peer:1001`.
    package var closeCodes: [String: Int] = [:]
    /// `Timing.name` → HdrHistogram V2 encoding, base64, not compressed; absent when nothing was recorded.
    package var timings: [String: String] = [:]
    /// `Phase.name` → accounts there now; absent when none.
    package var phases: [String: PhaseGauge] = [:]
    package var generator = GeneratorSample()
    /// New examples of refused handshakes and protocol violations, a few per run and shard.
    package var refusals: [Refusal] = []
    package var violations: [String] = []
    /// The shard's last interval: what it counts as open or in flight was so when the run ended.
    package var isLast = false

    package init(shard: Int, sequence: Int, startS: Double, endS: Double) {
        self.shard = shard
        self.sequence = sequence
        self.startS = startS
        self.endS = endS
    }
}

/// Why an interval that came from a pipe or a file is not believed.
package enum IntervalFault: Error, Equatable, Sendable, CustomStringConvertible {
    case shardOutOfRange(Int)
    case sequenceOutOfRange(Int)
    case timesOutOfRange
    case countOutOfRange
    case generatorOutOfRange
    case unknownPhase(String)
    case unknownTiming(String)
    case histogram(timing: String, HistogramCodec.Fault)

    package var description: String {
        switch self {
        case .shardOutOfRange(let shard): "shard number \(shard) is out of range"
        case .sequenceOutOfRange(let sequence): "sequence number \(sequence) is out of range"
        case .timesOutOfRange: "the interval's start and end are not times of a run"
        case .countOutOfRange: "a count is negative or impossibly large"
        case .generatorOutOfRange: "the generator's sample is out of range"
        case .unknownPhase(let name): "unknown phase '\(name)'"
        case .unknownTiming(let name): "unknown timing '\(name)'"
        case .histogram(let timing, let fault): "histogram of '\(timing)': \(fault)"
        }
    }
}

extension Interval {
    /// Shards of one run; far above what a machine holds, low enough to index by.
    static let shardLimit = 1 << 16
    /// One interval a second for 68 years.
    static let sequenceLimit = 1 << 31
    /// What any single number of an interval may be: a million million, far above a second's worth of anything and
    /// low enough that sums over every interval of a run stay within 64 bits.
    static let counts = 0...(1 << 40)
    /// Longest run, seconds.
    static let timeLimitS = 4e9

    /// Refuses what a sound shard cannot have written, so that later arithmetic cannot trap.
    ///
    /// Histograms are checked when they are decoded.
    package func validate() throws(IntervalFault) {
        guard (0..<Self.shardLimit).contains(shard) else { throw .shardOutOfRange(shard) }
        guard (0..<Self.sequenceLimit).contains(sequence) else { throw .sequenceOutOfRange(sequence) }
        guard startS >= 0, startS <= endS, endS <= Self.timeLimitS else { throw .timesOutOfRange }
        guard counters.isValid, outcomes.values.allSatisfy(Self.counts.contains),
            closeCodes.values.allSatisfy(Self.counts.contains),
            phases.values.allSatisfy(\.isValid)
        else { throw .countOutOfRange }
        guard generator.isValid else { throw .generatorOutOfRange }
        for name in phases.keys where Phase(name: name) == nil { throw .unknownPhase(name) }
        for name in timings.keys where Timing(name: name) == nil { throw .unknownTiming(name) }
    }
}
