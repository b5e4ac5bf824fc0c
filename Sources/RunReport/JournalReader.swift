/// Cuts a journal into lines and reads them, from pieces of any size.
///
/// Tolerant: what cannot be read is reported by its line number and passed over, because a journal is read when
/// something has already gone wrong.
package struct JournalReader: Sendable {
    /// Longer than any shard writes; a file without line feeds must not be gathered whole.
    package static let lineLimit = 16 << 20

    /// A record, or why a line is none.
    package enum Entry: Equatable, Sendable {
        case record(JournalRecord)
        case problem(line: Int, String)
    }

    private var partial: [UInt8] = []
    private var isOverlong = false
    private var lineNumber = 0

    package init() {}

    /// Takes the next bytes of the file and returns what is complete with them.
    package mutating func read(_ bytes: [UInt8]) -> [Entry] {
        var entries: [Entry] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            gather(bytes[start..<end])
            if let entry = takeLine() { entries.append(entry) }
            start = end + 1
        }
        gather(bytes[start...])
        return entries
    }

    /// The file is at its end.
    ///
    /// A line without a line feed was torn off by the crash.
    package mutating func finish() -> Entry? {
        guard !partial.isEmpty || isOverlong else { return nil }
        partial = []
        return .problem(line: lineNumber + 1, "the last line is torn and was dropped")
    }

    private mutating func gather(_ piece: ArraySlice<UInt8>) {
        guard !isOverlong else { return }
        if partial.count + piece.count > Self.lineLimit {
            isOverlong = true
            partial = []
        } else {
            partial.append(contentsOf: piece)
        }
    }

    private mutating func takeLine() -> Entry? {
        lineNumber += 1
        defer {
            partial.removeAll(keepingCapacity: true)
            isOverlong = false
        }
        if isOverlong { return .problem(line: lineNumber, "longer than \(Self.lineLimit >> 20) MiB") }
        if partial.isEmpty { return nil }
        do {
            return .record(try JournalRecord(line: partial))
        } catch {
            return .problem(line: lineNumber, PlainWords.describe(error))
        }
    }
}
