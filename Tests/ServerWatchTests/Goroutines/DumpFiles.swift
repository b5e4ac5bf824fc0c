import Foundation

@testable import ServerWatch

/// The recorded dumps.
enum DumpFiles {
    static let names = ["openim-3.5.1-deadlocked", "openim-3.5.1-healthy", "openim-3.8.3-deadlocked"]

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Dumps/\(name).txt")))
    }

    static func report(_ name: String) throws -> GoroutineReport {
        GoroutineReport(of: GoroutineDump(parsing: try bytes(name)), source: name)
    }
}

/// SplitMix64 over a seed from `GATECRASH_TEST_SEED`, or drawn anew; tests print it when they fail.
struct DumpMutator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed =
            ProcessInfo.processInfo.environment["GATECRASH_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Overwrites, removes, repeats and cuts.
    mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        var text = text
        let telling = Array("()[]{},.:\n\t 0x?\"\\#+".utf8) + [0, 0x80, 0xFF]
        for _ in 0..<Int.random(in: 1...20, using: &self) where !text.isEmpty {
            let at = Int.random(in: 0..<text.count, using: &self)
            let end = min(text.count, at + Int.random(in: 1...40, using: &self))
            switch Int.random(in: 0..<5, using: &self) {
            case 0: text[at] = telling.randomElement(using: &self) ?? 0
            case 1: text.removeSubrange(at..<end)
            case 2: text.insert(contentsOf: text[at..<end], at: at)
            case 3: text[at] = UInt8.random(in: 0...255, using: &self)
            default: if Bool.random(using: &self) { text.removeSubrange(end...) }
            }
        }
        return text
    }
}
