/// Small damage, as fuzzers do it.
enum Mutation {
    static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(4) {
            guard !bytes.isEmpty else { return random.bytes(random.below(8)) }
            let index = random.below(bytes.count)
            switch random.below(9) {
            case 0: bytes[index] ^= 1 << UInt8(random.below(8))
            case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes[index] = [0, 1, 0x7F, 0x80, 0xF8, 0xF7, 0xFF].randomElement(using: &random)!
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 4: bytes.remove(at: index)
            case 5: bytes.removeLast(bytes.count - index)
            case 6:
                let part = bytes[index..<min(bytes.count, index + 1 + random.below(32))]
                bytes.insert(contentsOf: part, at: random.below(bytes.count + 1))
            case 7:
                bytes.replaceSubrange(
                    index..<min(bytes.count, index + 1 + random.below(8)), with: random.bytes(random.below(9)))
            default:
                let huge: [UInt8] = [0xF8] + random.bytes(8)
                bytes.replaceSubrange(index..<min(bytes.count, index + 1), with: huge)
            }
        }
        return bytes
    }
}
