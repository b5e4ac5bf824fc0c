import Glibc

/// SplitMix64: small, fast, and the same sequence for the same seed everywhere.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(bound)) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// True once in `times`.
    mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }
}

/// Settings of the randomised tests, from the environment.
enum TestSettings {
    static func number(_ name: String, default standard: UInt64) -> UInt64 {
        guard let text = getenv(name), let number = UInt64(String(cString: text)) else { return standard }
        return number
    }

    /// Seed of the mutated and the random inputs; a failure names it.
    static let seed = number("GATECRASH_FUZZ_SEED", default: 0x6A7E_C4A5)
    /// Mutated inputs for each of the two parsers.
    static let fuzzInputs = Int(clamping: number("GATECRASH_FUZZ_INPUTS", default: 200_000))
}
