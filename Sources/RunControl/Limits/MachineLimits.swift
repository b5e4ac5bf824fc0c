internal import CLinux
internal import Glibc

/// What this machine allows a load generator. Sources: getrlimit(2), proc_sys_net_ipv4 and proc_sys_fs of the kernel's documentation.
package struct MachineLimits: Codable, Equatable, Sendable {
    /// Descriptors a process may have: the hard limit, to which gatecrash raises itself.
    package var descriptorsPerProcess: Int
    /// The soft limit found at start.
    package var descriptorsSoft: Int
    /// Descriptors of all processes (fs.file-max).
    package var descriptorsOfSystem: Int
    /// Ephemeral ports, less the reserved ones, for each pair of local and remote address.
    package var ephemeralPorts: Int
    package var firstEphemeralPort: Int
    package var lastEphemeralPort: Int
    /// Longest accept queue a listener may have (net.core.somaxconn).
    package var acceptBacklog: Int
    /// net.ipv4.tcp_tw_reuse: 0 never, 1 always, 2 on loopback.
    package var timeWaitReuse: Int
    /// MemAvailable of /proc/meminfo.
    package var availableMemoryKiB: Int
    package var totalMemoryKiB: Int
    package var processors: Int
    /// Connections the firewall tracks at most; nil when it tracks none.
    package var trackedConnections: Int?

    /// Reads the limits as they are now.
    package static func current() -> MachineLimits {
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        let range = numbers("/proc/sys/net/ipv4/ip_local_port_range")
        let first = range.first ?? 32768
        let last = range.last ?? 60999
        let memory = memoryKiB()
        return MachineLimits(
            descriptorsPerProcess: Int(clamping: files.rlim_max), descriptorsSoft: Int(clamping: files.rlim_cur),
            descriptorsOfSystem: number("/proc/sys/fs/file-max") ?? .max,
            ephemeralPorts: max(last - first + 1 - reservedPorts(first...max(first, last)), 0),
            firstEphemeralPort: first,
            lastEphemeralPort: last, acceptBacklog: number("/proc/sys/net/core/somaxconn") ?? 4096,
            timeWaitReuse: number("/proc/sys/net/ipv4/tcp_tw_reuse") ?? 2, availableMemoryKiB: memory.available,
            totalMemoryKiB: memory.total, processors: Int(clinux_usable_processors()),
            trackedConnections: number("/proc/sys/net/netfilter/nf_conntrack_max"))
    }

    /// Raises the soft limit of descriptors to the hard one; children inherit it.
    package static func raiseDescriptorLimit() {
        var files = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return }
        files.rlim_cur = files.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    }

    private static func number(_ path: String) -> Int? { numbers(path).first }

    private static func numbers(_ path: String) -> [Int] {
        text(path).split(whereSeparator: \.isWhitespace).compactMap { Int(clamping: $0) }
    }

    /// ip_local_reserved_ports: `8080,9148-9150`.
    private static func reservedPorts(_ range: ClosedRange<Int>) -> Int {
        text("/proc/sys/net/ipv4/ip_local_reserved_ports").split(whereSeparator: { $0 == "," || $0.isWhitespace })
            .reduce(0) { sum, item in
                let ends = item.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last, first <= last, range.overlaps(first...last) else {
                    return sum
                }
                return sum + range.clamped(to: first...last).count
            }
    }

    private static func memoryKiB() -> (available: Int, total: Int) {
        var available = 0
        var total = 0
        for line in text("/proc/meminfo").split(separator: "\n") {
            let value = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
            if line.hasPrefix("MemAvailable:") { available = value }
            if line.hasPrefix("MemTotal:") { total = value }
        }
        return (available, total)
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let length = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<length], as: UTF8.self)
    }
}

extension Int {
    /// A number of the kernel's, which may be larger than ours (file-max is).
    fileprivate init?(clamping text: Substring) {
        if let value = Int(text) {
            self = value
        } else if !text.isEmpty, text.allSatisfy(\.isNumber) {
            self = .max
        } else {
            return nil
        }
    }
}
