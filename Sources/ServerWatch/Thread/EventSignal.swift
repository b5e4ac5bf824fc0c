internal import CLinux
internal import Glibc

/// A flag that poll(2) can wait for (eventfd(2)).
final class EventSignal: Sendable {
    /// -1 when the system has no descriptor left.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    func raise() {
        _ = eventfd_write(descriptor, 1)
    }

    func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
    }

    /// - Returns: whether it was raised before the time was over.
    func wait(milliseconds: Int) -> Bool {
        let deadlineNs = MonotonicClock.nowNs + Int64(milliseconds) * 1_000_000
        while true {
            let leftNs = deadlineNs - MonotonicClock.nowNs
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&wanted, 1, Int32(clamping: max(0, (leftNs + 999_999) / 1_000_000)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
            if leftNs <= 0 { return false }
        }
    }
}
