internal import Glibc
internal import Synchronization

/// Where log lines go: a file that is appended to, or standard error.
///
/// A line that cannot be written (disk full, reader gone) is lost and counted; the gateway goes on.
final class LogFile: Sendable {
    private let descriptor: CInt
    private let isOwned: Bool
    private let lost = Atomic<Int>(0)
    /// The latest line is in the file in part: the next one must not continue it.
    private let endsTorn = Atomic<Bool>(false)

    /// - Throws: ``GatewayError/cannotOpenLog(path:reason:)``.
    init(path: String?) throws(GatewayError) {
        guard let path else {
            descriptor = STDERR_FILENO
            isOwned = false
            return
        }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        isOwned = true
        guard descriptor >= 0 else {
            throw .cannotOpenLog(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit {
        if isOwned {
            close(descriptor)
        }
    }

    var linesLost: Int { lost.load(ordering: .relaxed) }

    /// Writes a line, which ends in a line feed, in one write(2): with O_APPEND lines never mix.
    func write(_ line: String) {
        let isContinued = endsTorn.exchange(false, ordering: .relaxed)
        var line = isContinued ? "\n" + line : line
        let (written, length) = line.withUTF8 { bytes in
            while true {
                let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                if count < 0, errno == EINTR { continue }
                return (count, bytes.count)
            }
        }
        guard written < length else { return }
        lost.add(1, ordering: .relaxed)
        endsTorn.store(written > 0 || isContinued, ordering: .relaxed)
    }
}
