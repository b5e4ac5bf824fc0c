internal import CLinux
internal import Glibc

/// An epoll(7) instance and the room for what it reports.
struct Epoll: ~Copyable {
    /// Everything a connection is ever asked about; registered once, edge-triggered, so that no later call is needed.
    private static let connectionEvents =
        EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLPRI.rawValue | EPOLLET.rawValue
    private static let capacity = 512

    private let descriptor: Int32
    let events: UnsafeMutablePointer<epoll_event>
    /// Cleared when the kernel turns out to have no epoll_pwait2(2).
    private let hasNanosecondTimeouts: UnsafeMutablePointer<Bool>

    /// - Parameter hasNanosecondTimeouts: false to behave as on a kernel before 5.11.
    init(hasNanosecondTimeouts: Bool = true) throws(ReactorError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
        events = .allocate(capacity: Self.capacity)
        self.hasNanosecondTimeouts = .allocate(capacity: 1)
        self.hasNanosecondTimeouts.initialize(to: hasNanosecondTimeouts)
    }

    deinit {
        _ = Glibc.close(descriptor)
        events.deallocate()
        hasNanosecondTimeouts.deallocate()
    }

    /// Registers a connection.
    ///
    /// Returns 0 or the error number.
    func addConnection(_ descriptor: Int32, id: ConnectionID) -> Int32 {
        add(descriptor, id: id, events: Self.connectionEvents)
    }

    /// Registers a foreign descriptor, level-triggered.
    ///
    /// Returns 0 or the error number.
    func addWatch(_ descriptor: Int32, id: ConnectionID) -> Int32 {
        add(descriptor, id: id, events: EPOLLIN.rawValue)
    }

    /// Only watches need it: closing a socket takes it out by itself.
    func remove(_ descriptor: Int32) {
        _ = epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, nil)
    }

    /// Waits for at most `timeoutNs`, for ever if nil.
    ///
    /// Returns how many `events` there are; none when a signal came first.
    func wait(timeoutNs: Int64?) -> Int {
        guard let timeoutNs else { return max(Int(epoll_wait(descriptor, events, Int32(Self.capacity), -1)), 0) }
        guard timeoutNs > 0 else { return max(Int(epoll_wait(descriptor, events, Int32(Self.capacity), 0)), 0) }
        if hasNanosecondTimeouts.pointee {
            var timeout = timespec(tv_sec: Int(timeoutNs / 1_000_000_000), tv_nsec: Int(timeoutNs % 1_000_000_000))
            let count = clinux_epoll_pwait2(descriptor, events, Int32(Self.capacity), &timeout)
            guard count < 0, errno == ENOSYS || errno == EPERM else { return max(Int(count), 0) }
            hasNanosecondTimeouts.pointee = false
        }
        let milliseconds = min((timeoutNs - 1) / 1_000_000 + 1, Int64(Int32.max))
        return max(Int(epoll_wait(descriptor, events, Int32(Self.capacity), Int32(milliseconds))), 0)
    }

    private func add(_ descriptor: Int32, id: ConnectionID, events: UInt32) -> Int32 {
        var event = epoll_event(events: events, data: epoll_data_t(u64: id.packed))
        return epoll_ctl(self.descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno
    }
}
