internal import Glibc

/// The end of a log, with the lines that come again and again counted.
struct LogScene {
    static let lastLines = 200
    private static let lastBytes = 1 << 18
    private static let alarming = ["error", "too many", "refused", "panic", "fatal", "deadlock", "out of memory"]

    /// Lines that are the same but for their numbers.
    struct Repetition: Equatable {
        var count: Int
        /// The last one.
        var example: String
    }

    let lines: [String]
    /// The most frequent first.
    let repetitions: [Repetition]

    init(_ bytes: some Collection<UInt8>) {
        var lines: [String] = []
        for line in bytes.split(separator: 0x0A).suffix(Self.lastLines) {
            lines.append(PrintableText.of(String(decoding: line, as: UTF8.self), atMost: 1000))
        }
        self.lines = lines
        var order: [String] = []
        var groups: [String: Repetition] = [:]
        for line in lines {
            let key = Self.withoutNumbers(line)
            if groups[key] == nil { order.append(key) }
            groups[key, default: Repetition(count: 0, example: "")].count += 1
            groups[key]?.example = line
        }
        repetitions = order.compactMap { groups[$0] }.enumerated()
            .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
    }

    /// - Returns: nil and why, when the file cannot be read or is none.
    static func read(_ path: String) -> Result<LogScene, ProcError> {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return .failure(ProcError(errno: errno)) }
        defer { _ = close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return .failure(ProcError(errno: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.system(errno: ESPIPE)) }
        var bytes = [UInt8](repeating: 0, count: lastBytes)
        let start = max(0, Int(status.st_size) - lastBytes)
        var length = 0
        while length < bytes.count {
            let room = bytes.count - length
            let count = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress! + length, room, off_t(start + length))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(ProcError(errno: errno)) }
            if count == 0 { break }
            length += count
        }
        // The first line of a part is cut.
        let from = start > 0 ? (bytes[..<length].firstIndex(of: 0x0A) ?? 0) : 0
        return .success(LogScene(bytes[from..<length]))
    }

    var text: String {
        var text = ""
        let repeated = repetitions.filter { $0.count > 2 }
        if !repeated.isEmpty {
            text += "Lines that come again, numbers aside, of the last \(lines.count):\n"
            for group in repeated { text += "  ×\(group.count)  \(group.example)\n" }
            text += "\n"
        }
        return text + "The last \(lines.count) lines:\n" + lines.map { "  \($0)\n" }.joined()
    }

    /// The most frequent lines that sound an alarm.
    func telling(name: String) -> [TellingLine] {
        repetitions.filter { group in
            let text = group.example.lowercased()
            return Self.alarming.contains { text.contains($0) }
        }
        .prefix(3)
        .map { group in
            let often = group.count > 1 ? " (×\(group.count) in the last \(lines.count) lines)" : ""
            return TellingLine(
                weight: 50, text: "log of \(name): \(PrintableText.of(group.example, atMost: 200))\(often)")
        }
    }

    private static func withoutNumbers(_ line: String) -> String {
        var key: [UInt8] = []
        for byte in line.utf8 {
            let isDigit = (0x30...0x39).contains(byte)
            if isDigit, key.last == 0x23 { continue }
            key.append(isDigit ? 0x23 : byte)
        }
        return String(decoding: key, as: UTF8.self)
    }
}
