internal import Glibc

/// A system call that failed, and its errno(3).
struct SystemCallFailure: Error, Equatable, CustomStringConvertible {
    var call: String
    var code: CInt

    /// No descriptor is free, in this process or in the system.
    var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
