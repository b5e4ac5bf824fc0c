internal import Glibc

/// The loop could not be made, or a descriptor could not be watched.
package enum ReactorError: Error, Equatable, CustomStringConvertible {
    /// A system call failed; `errno` as it set it.
    case system(call: String, errno: Int32)
    /// epoll(7) cannot wait for this kind of descriptor (regular files, /dev/null): reading it never blocks.
    case unwatchable(descriptor: Int32)
    /// The loop holds as many connections and watches as it was made for.
    case loopFull

    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .unwatchable(let descriptor): "descriptor \(descriptor) cannot be waited for: reading it never blocks"
        case .loopFull: NetworkFailure.loopFull.description
        }
    }
}
