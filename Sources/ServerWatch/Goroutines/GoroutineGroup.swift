/// Goroutines that wait in the same place, having come there the same way.
package struct GoroutineGroup: Equatable, Sendable {
    package var waitReason: String
    package var kind: WaitKind
    /// Positions in the dump's `goroutines`; never empty.
    package var members: [Int]
    /// Whole minutes; Go says so from the first on.
    package var longestWaitMinutes: Int
    /// Id of the first of them.
    package var exampleID: UInt64

    package var count: Int { members.count }
}
