/// Every number that a rule compares with. One table, so that they can be read, doubted and tested together.
package struct DiagnosisThresholds: Equatable, Sendable {
    /// A stall that comes back within this time after its end continues the old finding. Seconds.
    package var reopenWithinS = 5.0
    /// Stalls of one phase beyond this number prolong the last finding, so that a soak test's report stays readable.
    package var episodesPerPhase = 20

    /// While others pass, accounts that hang are the server's fault only when they are at least this share of all…
    package var partialStallShare = 0.05
    /// …and at least this many…
    package var partialStallAccounts = 2
    /// …for this long, seconds, during which every account that passed was quicker than `stall.after`. A slow server's
    /// times spread; two separate groups, quick ones and ones that never come, mean that some are stuck.
    package var partialStallLastsS = 3.0

    /// Loop busy above this share of an interval…
    package var busyRatio = 0.95
    /// …or a timer fired this late, microseconds…
    package var scheduleLagUs = 100_000
    /// …on average, or in each interval, over this long, seconds.
    package var generatorLastsS = 3.0
    /// Intervals shorter than this are too short to call a loop busy, seconds.
    package var shortestSampleS = 0.5
    /// Share of an interval's connection attempts that fail for want of our own ports, descriptors or buffers, above
    /// which the run is invalid; any at all is a warning.
    package var ownLimitShare = 0.01

    package init() {}
}
