import Foundation

/// SplitMix64, so that what failed can be repeated: the seed is printed with the failure, and set by GATECRASH_SEED.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let given = ProcessInfo.processInfo.environment["GATECRASH_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 0...UInt64.max)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// Lengths around the boundaries of the encodings.
    mutating func length() -> Int {
        switch below(4) {
        case 0: 0
        case 1: below(16)
        case 2: [126, 127, 128, 129, 254, 255, 256, 257, 300].randomElement(using: &self)!
        default: below(600)
        }
    }

    /// Text of all planes, control characters and what JSON escapes.
    mutating func text(_ count: Int) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7E, 0x7F...0x7FF, 0x2028...0x2029, 0x800...0xD7FF, 0x1F600...0x1F64F,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<count {
            text.append(Unicode.Scalar(UInt32.random(in: ranges[below(ranges.count)], using: &self))!)
        }
        return String(text)
    }
}
