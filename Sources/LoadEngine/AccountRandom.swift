/// The client's own random stream: SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
///
/// Seeded from the run's seed and the client's number, so that a client does the same whatever the number of shards.
/// Not cryptographic: the mask keys and handshake keys made from it are unpredictable to no one who knows the seed.
package struct AccountRandom: BitwiseCopyable {
    private var state: UInt64

    package init(seed: UInt64, client: Int) {
        var mixer = AccountRandom(state: seed)
        state = mixer.next() &+ UInt64(bitPattern: Int64(client)) &* 0xD1B5_4A32_D192_ED03
        _ = next()
    }

    private init(state: UInt64) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in 0 ..< 1, 53 bits.
    package mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
