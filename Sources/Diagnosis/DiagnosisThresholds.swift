/// Every number that a rule compares with.
///
/// One table, so that they can be read, doubted and tested together.
package struct DiagnosisThresholds: Equatable, Sendable {
    /// A stall or freeze that comes back within this time after its end continues the old finding, seconds.
    package var reopenWithinS = 5.0
    /// Findings of one rule about one thing beyond this number prolong the last, so that a soak test's report stays
    /// readable.
    package var episodesPerPhase = 20

    /// Share of all accounts that must hang before the server is accused while others pass.
    package var partialStallShare = 0.05
    /// Number of accounts that must hang before the server is accused while others pass.
    package var partialStallAccounts = 2
    /// How long they must hang while every account that passes is quicker than `stall.after`, seconds.
    ///
    /// A slow server's times spread; two separate groups, quick ones and ones that never come, mean that some are
    /// stuck.
    package var partialStallLastsS = 3.0

    /// So many accounts should have passed, at the pace of before, for a gate that nobody passes to be called shut.
    ///
    /// By chance alone that happens once in e⁸ ≈ 3,000 times.
    package var missedPasses = 8.0

    /// Mean share of the time that a loop may be busy over `generatorLastsS`.
    package var busyRatio = 0.95
    /// How late a timer may fire, microseconds; later ones in every interval of `generatorLastsS` convict.
    package var scheduleLagUs = 100_000
    /// How long the generator must be busy or late before it counts, seconds.
    package var generatorLastsS = 3.0
    /// Intervals shorter than this are too short to call a loop busy or late, seconds.
    package var shortestSampleS = 0.5
    /// Share of an interval's connection attempts that may fail for want of our own ports, descriptors or buffers.
    ///
    /// Above it the run is invalid; any at all is a warning.
    package var ownLimitShare = 0.01

    /// How much later than its second a sample may arrive, seconds.
    ///
    /// Trends are judged that much behind the present, so that the order of arrival cannot matter.
    package var sampleDelayS = 2.0

    /// Look back over at most this much of a freeze to class it, seconds: what the server does now, not at first.
    package var freezeWindowS = 10.0
    /// Length of the time before a freeze that the server is compared with, seconds.
    package var freezeBeforeS = 10.0
    /// Below this the server's CPU is idle, cores.
    package var idleCores = 0.1
    /// Below this share of its own use before it, the CPU counts as idle too.
    package var idleShareOfBefore = 0.2
    /// Context switches fell to less than this share of before when whoever did the work is blocked.
    package var switchesShareOfBefore = 0.1
    /// As many a second are the timers of an idle process, whatever they were before.
    package var idleSwitchesPerS = 100.0
    /// From here on the CPU is busy: cores of a process (one thread can use one), or share of the machine's.
    package var busyCores = 0.8
    package var busyShareOfMachine = 0.8
    /// The server's own count moves when it changes by more than this.
    package var countMoves = 1
    /// An exhaustion this long after a freeze's onset is the freeze's consequence, not its cause, seconds.
    package var exhaustionAfterFreezeS = 2.0

    /// Descriptors at this share of the limit, or this few below it, are exhausted.
    package var exhaustedShare = 0.98
    package var exhaustedHeadroom = 3
    /// The exhaustion is over when the descriptors are below this share of the limit.
    package var recoveredShare = 0.9

    /// What a source does in its first seconds under load is warming up, seconds.
    package var warmUpS = 4.0
    /// Shortest stretch in which growth is judged, seconds; longer ones are tried too.
    package var trendWindowS = 18.0
    /// Points kept of the latest past, and of the whole run (older ones are thinned out).
    package var recentPoints = 120
    package var wholePoints = 128
    /// Points of a stretch that are compared pair by pair; of longer stretches every second, third and so on.
    package var pairedPoints = 60
    /// Growth must go on in each quarter of the stretch, and in the latest quarter, at this share of the mean rate.
    ///
    /// What levels off at the pace of a pool fails in the latest.
    package var quarterShare = 0.5
    package var latestQuarterShare = 0.65
    /// No quarter may do more than this many times the mean: that is a step.
    package var steepestQuarterShare = 1.75
    /// Share of rising pairs among all pairs of points that differ (Mann-Kendall).
    package var risingShare = 0.9
    /// Growth must be this many times the scatter around the line.
    package var growthOverNoise = 4.0
    /// Growth is the load's when the load itself rises by this share of it, and so steadily.
    package var loadGrowthShare = 0.2
    package var loadRisingTau = 0.5
    /// The load rises when the messages per second grow by this factor within the stretch.
    package var messageRateRise = 1.3
    /// Judgements in a row that must agree.
    package var trendConfirmations = 3

    /// Least growth of a kind of descriptor.
    ///
    /// To it come `leakGrowthPerRoot` × √(how many there were), which is how much the size of a population in use
    /// wanders.
    package var leakGrowth = 10.0
    package var leakGrowthPerRoot = 4.0
    /// Growth must be this many times what the kind wandered before in the same process.
    package var leakGrowthOverRange = 1.5
    /// A growth that has come to rest while the load went on for up to this time was a pool's, seconds.
    package var leakRestS = 60.0
    /// It rests when it grows by less than this share of what it grew before.
    package var leakRestShare = 0.3
    /// Connections of the port and our accounts agree within this share, or this many: all load is ours.
    package var ghostsAgreeShare = 0.15
    package var ghostsAgreeAccounts = 5.0

    /// Least growth of the resident memory, MiB and share of what it was, and over how long, seconds.
    package var memoryGrowthMiB = 20.0
    package var memoryGrowthShare = 0.2
    package var memoryLastsS = 20.0

    /// How long the server must be slow and busy before it is called overloaded, seconds.
    package var overloadLastsS = 3.0

    /// How long the server's own count must differ from ours before anybody is called a ghost, seconds.
    package var countDiffersS = 5.0

    package init() {}
}
