internal import Glibc
internal import RunReport

/// Every interval as it comes, one line of JSON each, so that a killed run loses at most its last second.
struct Journal: ~Copyable {
    private let descriptor: Int32
    /// Why nothing is written any more; the run goes on without.
    private(set) var failure: String?

    init(path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        if descriptor < 0 { failure = "\(path): \(String(cString: strerror(errno)))" }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends one record. After the first failure nothing more is tried: half a journal with holes helps nobody.
    mutating func append(_ record: JournalRecord) {
        guard failure == nil else { return }
        do {
            try writeAll(record.line())
        } catch {
            failure = "\(error)"
        }
    }

    private func writeAll(_ line: [UInt8]) throws(WriteFailure) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw WriteFailure(errno: errno)
            }
        }
    }
}

/// Writing to a file failed.
struct WriteFailure: Error, CustomStringConvertible {
    let errno: Int32
    var description: String { String(cString: strerror(errno)) }
}
