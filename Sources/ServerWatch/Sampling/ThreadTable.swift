/// The threads of a process at successive samples.
struct ThreadTable: Sendable {
    struct Entry: Equatable, Sendable {
        var name: String
        var state: Character
        var voluntarySwitches: UInt64
        var involuntarySwitches: UInt64
        /// CLOCK_MONOTONIC of the sample at which the number of switches was first seen as it is.
        var unchangedSinceNs: Int64

        var switches: UInt64 { voluntarySwitches &+ involuntarySwitches }
    }

    /// Threads that are read at a sample; the oldest ones come first.
    static let mostThreads = 512

    private(set) var entries: [Int32: Entry] = [:]

    /// Reads all threads anew; what cannot be read has ended.
    mutating func read(of process: borrowing ProcFolder, atNs: Int64) throws(ProcError) {
        let tasks = try ProcFolder("task", in: process)
        var read: [Int32: Entry] = [:]
        for thread in try tasks.numbers(limit: Self.mostThreads) {
            guard let bytes = try? tasks.read("\(thread)/status"), let status = TaskStatus(bytes) else { continue }
            read[thread] = entry(thread, status, atNs: atNs)
        }
        entries = read
    }

    private func entry(_ thread: Int32, _ status: TaskStatus, atNs: Int64) -> Entry {
        var entry = Entry(
            name: status.name, state: status.state, voluntarySwitches: status.voluntarySwitches,
            involuntarySwitches: status.involuntarySwitches, unchangedSinceNs: atNs)
        if let before = entries[thread], before.switches == entry.switches {
            entry.unchangedSinceNs = before.unchangedSinceNs
        }
        return entry
    }

    var countsByState: [String: Int] {
        entries.values.reduce(into: [:]) { $0[String($1.state), default: 0] += 1 }
    }

    var voluntarySwitches: Int { sum(\.voluntarySwitches) }
    var involuntarySwitches: Int { sum(\.involuntarySwitches) }

    private func sum(_ field: KeyPath<Entry, UInt64>) -> Int {
        Int(clamping: entries.values.reduce(UInt64(0)) { $0 &+ $1[keyPath: field] })
    }
}
