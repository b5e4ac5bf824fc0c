/// What a descriptor is, by its link in /proc/PID/fd and, of a socket, by what the kernel's tables say.
enum DescriptorKind: Hashable, Sendable {
    case tcp(TCPState)
    /// A TCP socket that was never connected, or not yet, and does not listen.
    case tcpUnbound
    case udp
    case unix
    case netlink
    case socketUnknown
    case pipe
    case eventfd
    case eventpoll
    case timerfd
    case signalfd
    case inotify
    case ioUring
    case pidfd
    case memfd
    case file
    case deletedFile
    case device
    /// Under its own name.
    case other(String)

    /// As in samples: `tcp:CLOSE_WAIT`, `deleted file`.
    var name: String {
        switch self {
        case .tcp(let state): "tcp:\(state.name)"
        case .tcpUnbound: "tcp:unbound"
        case .udp: "udp"
        case .unix: "unix"
        case .netlink: "netlink"
        case .socketUnknown: "socket:unknown"
        case .pipe: "pipe"
        case .eventfd: "eventfd"
        case .eventpoll: "eventpoll"
        case .timerfd: "timerfd"
        case .signalfd: "signalfd"
        case .inotify: "inotify"
        case .ioUring: "io_uring"
        case .pidfd: "pidfd"
        case .memfd: "memfd"
        case .file: "file"
        case .deletedFile: "deleted file"
        case .device: "device"
        case .other(let name): name
        }
    }
}
