internal import LoadPlan

/// The lengths of the pauses after failed iterations, in nanoseconds.
struct CompiledBackOff {
    private let firstNs: Int64
    private let lastNs: Int64
    private let cycles: Bool
    private let jitter: Bool
    /// How many lengths there are: the first, its doubles, and the last.
    private let lengths: Int

    init(_ backOff: BackOff) {
        lastNs = max(backOff.last.nanoseconds, 1)
        firstNs = min(max(backOff.first.nanoseconds, 1), lastNs)
        cycles = backOff.cycles
        jitter = backOff.jitter
        var lengths = 1
        while Self.doubled(firstNs, times: lengths - 1) < lastNs { lengths += 1 }
        self.lengths = lengths
    }

    /// The pause after `failures` failed iterations in a row, which is at least 1.
    func delayNs(failures: Int, random: inout AccountRandom) -> Int64 {
        let place = cycles ? (failures - 1) % lengths : min(failures, lengths) - 1
        let longest = min(Self.doubled(firstNs, times: place), lastNs)
        guard jitter else { return longest }
        return longest / 2 + Int64(random.nextUnit() * Double(longest / 2))
    }

    private static func doubled(_ first: Int64, times: Int) -> Int64 {
        first > Int64.max >> Int64(times) ? .max : first << Int64(times)
    }
}
