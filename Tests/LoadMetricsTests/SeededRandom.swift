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
}
