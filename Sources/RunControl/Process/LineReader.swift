internal import Glibc

/// Cuts what comes from a non-blocking descriptor into lines.
struct LineReader {
    enum Result {
        case lines([[UInt8]])
        /// The writer is gone; what it had left unfinished is dropped.
        case end([[UInt8]])
    }

    private var partial: [UInt8] = []

    /// Reads all that is there.
    mutating func read(_ descriptor: Int32) -> Result {
        var lines: [[UInt8]] = []
        while true {
            let length = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { chunk in
                let length = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
                if length > 0 { partial.append(contentsOf: chunk[..<length]) }
                return length
            }
            takeLines(into: &lines)
            if length > 0 { continue }
            if length < 0, errno == EINTR { continue }
            return length < 0 && errno == EAGAIN ? .lines(lines) : .end(lines)
        }
    }

    private mutating func takeLines(into lines: inout [[UInt8]]) {
        var start = partial.startIndex
        while let end = partial[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Array(partial[start..<end]))
            start = end + 1
        }
        if start > 0 { partial.removeSubrange(..<start) }
    }
}
