/// When a process's descriptors are to be counted again, so that counting takes a fixed share of a core at most.
///
/// A count costs some microseconds a descriptor: with few it is made at each sample, with a hundred thousand every
/// few seconds, and the samples between have only the number of descriptors.
struct CensusBudget: Sendable {
    /// Of one core, for all watched processes together.
    static let share = 0.1
    private static let longestPauseNs: Int64 = 30_000_000_000

    private var dueNs = Int64.min

    func isDue(atNs: Int64) -> Bool { atNs >= dueNs }

    /// - Parameters:
    ///   - costNs: CPU time of the count that began at `atNs`.
    ///   - processes: that are counted.
    mutating func spent(_ costNs: Int64, atNs: Int64, processes: Int) {
        let pauseNs = Double(max(costNs, 0)) / Self.share * Double(max(processes, 1))
        dueNs = atNs + Int64(min(pauseNs, Double(Self.longestPauseNs)))
    }
}
