/// Damages valid inputs: the mutations that a parser of lengths, flags and lines is likely to get wrong.
enum StreamMutator {
    static func mutate(_ input: [UInt8], dictionary: [[UInt8]], using random: inout TestRandom) -> [UInt8] {
        var bytes = input
        for _ in 0..<(1 + random.below(3)) {
            let place = random.below(bytes.count + 1)
            switch random.below(8) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 3 where place < bytes.count: bytes.remove(at: place)
            case 4: bytes.removeSubrange(place...)
            case 5: bytes.insert(contentsOf: dictionary[random.below(dictionary.count)], at: place)
            case 6:
                let word = dictionary[random.below(dictionary.count)]
                bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
            default:
                let end = min(bytes.count, place + random.below(24))
                bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count + 1))
            }
        }
        return bytes
    }

    static func cuts(of count: Int, using random: inout TestRandom) -> [Int] {
        (0..<(1 + random.below(3))).map { _ in random.below(count + 1) }.sorted()
    }
}
