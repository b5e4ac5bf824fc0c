/// What a link of /proc/PID/fd says (proc_pid_fd(5)).
enum DescriptorLink: Equatable {
    /// Its kind stands in the kernel's tables, under this inode.
    case socket(inode: UInt32)
    case kind(DescriptorKind)

    private static let anonymousKinds: [(StaticString, DescriptorKind)] = [
        ("eventfd", .eventfd), ("eventpoll", .eventpoll), ("timerfd", .timerfd), ("signalfd", .signalfd),
        ("inotify", .inotify), ("io_uring", .ioUring), ("pidfd", .pidfd),
    ]

    /// The link's text: a path, `socket:[4711]`, `anon_inode:[eventpoll]`. Whatever it holds, it is of some kind.
    static func parse(_ link: Span<UInt8>) -> DescriptorLink {
        if begins(link, "socket:[") {
            guard let inode = number(link, from: 8) else { return .kind(.socketUnknown) }
            return .socket(inode: inode)
        }
        if begins(link, "/") { return .kind(path(link)) }
        if begins(link, "pipe:[") { return .kind(.pipe) }
        if begins(link, "anon_inode:") { return .kind(anonymous(link)) }
        if begins(link, "pidfd:[") { return .kind(.pidfd) }
        if begins(link, "(unreachable)") { return .kind(.file) }
        for namespace in ["net:[", "mnt:[", "pid:[", "user:[", "ipc:[", "uts:[", "cgroup:[", "time:["] as [StaticString]
        where begins(link, namespace) {
            return .kind(.other("namespace"))
        }
        return .kind(.other("other"))
    }

    private static func path(_ link: Span<UInt8>) -> DescriptorKind {
        if begins(link, "/memfd:") { return .memfd }
        if ends(link, " (deleted)") { return .deletedFile }
        guard begins(link, "/dev/") else { return .file }
        // Folders of /dev in which files lie.
        let isFile = begins(link, "/dev/shm/") || begins(link, "/dev/mqueue/") || begins(link, "/dev/hugepages/")
        return isFile ? .file : .device
    }

    private static func anonymous(_ link: Span<UInt8>) -> DescriptorKind {
        var start = 11
        var end = link.count
        if start < end, link[start] == 0x5B, link[end - 1] == 0x5D {
            start += 1
            end -= 1
        }
        for (name, kind) in Self.anonymousKinds
        where end - start == name.utf8CodeUnitCount && begins(link, name, at: start) {
            return kind
        }
        var bytes: [UInt8] = []
        for index in start..<max(start, end) { bytes.append(link[index]) }
        return .other("anon:\(PrintableText.of(String(decoding: bytes, as: UTF8.self), atMost: 32))")
    }

    private static func begins(_ link: Span<UInt8>, _ prefix: StaticString, at start: Int = 0) -> Bool {
        guard start <= link.count, link.count - start >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where link[start + index] != prefix.utf8Start[index] { return false }
        return true
    }

    private static func ends(_ link: Span<UInt8>, _ suffix: StaticString) -> Bool {
        link.count >= suffix.utf8CodeUnitCount && begins(link, suffix, at: link.count - suffix.utf8CodeUnitCount)
    }

    /// Digits up to the closing bracket.
    private static func number(_ link: Span<UInt8>, from start: Int) -> UInt32? {
        var number: UInt32 = 0
        var index = start
        while index < link.count, case 0x30...0x39 = link[index] {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt32(link[index] - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
            index += 1
        }
        return index > start && index == link.count - 1 && link[index] == 0x5D ? number : nil
    }
}
