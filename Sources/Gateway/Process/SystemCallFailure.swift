internal import Glibc

/// A system call that failed, and its errno(3).
struct SystemCallFailure: Error, Equatable, CustomStringConvertible {
    var call: String
    var code: CInt

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
