/// Every number that a rule compares with.
///
/// One table, so that they can be read, doubted and tested together.
package struct DiagnosisThresholds: Equatable, Sendable {
    /// A stall that comes back within this time after its end continues the old finding, seconds.
    package var reopenWithinS = 5.0
    /// Stalls of one phase beyond this number prolong the last finding, so that a soak test's report stays readable.
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

    package init() {}
}
