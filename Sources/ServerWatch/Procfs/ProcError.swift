internal import Glibc

/// Why a file of /proc could not be read.
enum ProcError: Error, Equatable, CustomStringConvertible {
    /// The process or thread has ended (ENOENT, ESRCH).
    case gone
    /// Not ours to read (EACCES, EPERM).
    case denied
    case system(errno: Int32)

    init(errno: Int32) {
        self =
            switch errno {
            case ENOENT, ESRCH: .gone
            case EACCES, EPERM: .denied
            default: .system(errno: errno)
            }
    }

    var description: String {
        switch self {
        case .gone: "the process has ended"
        case .denied: "permission denied"
        case .system(let errno): String(cString: strerror(errno))
        }
    }
}
