import Foundation

/// SplitMix64, seeded from `GATECRASH_SEED` or with a fixed number, so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
    static let seed: UInt64 = ProcessInfo.processInfo.environment["GATECRASH_SEED"].flatMap { UInt64($0) } ?? 20_250_601

    private var state: UInt64

    init(_ stream: UInt64 = 0) {
        state = Self.seed &+ stream &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Exponentially distributed.
    mutating func exponential(mean: Double) -> Double {
        -mean * log(Double.random(in: 1e-12...1, using: &self))
    }

    /// How many random events happen where `mean` are expected.
    mutating func poisson(_ mean: Double) -> Int {
        guard mean < 50 else {
            // Twelve uniform numbers less six are nearly normal.
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
            return max(0, Int((mean + normal * mean.squareRoot()).rounded()))
        }
        var (count, product) = (0, Double.random(in: 0..<1, using: &self))
        let limit = exp(-mean)
        while product > limit {
            count += 1
            product *= Double.random(in: 0..<1, using: &self)
        }
        return count
    }
}
