internal import Glibc
internal import LoadMetrics

/// Reads what a bundled process appends to its log, for the moment at which accept(2) begins to fail.
struct LogTail: ~Copyable {
    private let descriptor: Int32
    private var partial: [UInt8] = []
    private var lastEventS = -Double.infinity

    /// A log that writes faster than this is read on at the next call.
    private static let bytesPerCall = 1 << 20
    /// Seconds between two events of the same log.
    private static let quietS = 1.0
    private static let longestLine = 1 << 16

    init(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The line that says so, when one has come since the last call and none was told of within the last second.
    mutating func acceptFailure(atS: Double) -> String? {
        var found: String?
        var left = Self.bytesPerCall
        while left > 0, readChunk(&left) {
            while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: partial[..<end], as: UTF8.self)
                partial.removeSubrange(...end)
                if found == nil, Self.tellsOfFailedAccept(line) { found = line }
            }
            if partial.count > Self.longestLine { partial = [] }
        }
        guard let found, atS - lastEventS >= Self.quietS else { return nil }
        lastEventS = atS
        return found
    }

    private mutating func readChunk(_ left: inout Int) -> Bool {
        guard descriptor >= 0 else { return false }
        let length = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { chunk in
            let length = read(descriptor, chunk.baseAddress, chunk.count)
            if length > 0 { partial.append(contentsOf: chunk[..<length]) }
            return length
        }
        left -= max(length, 0)
        return length > 0
    }

    private static func tellsOfFailedAccept(_ line: String) -> Bool {
        line.contains("accept") && (line.contains("too many open files") || line.contains("accept failed"))
    }
}
