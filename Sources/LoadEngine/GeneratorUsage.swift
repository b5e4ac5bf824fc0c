internal import Glibc
internal import LoadMetrics
internal import Reactor

/// What this process used between two intervals: the generator accuses itself first.
struct GeneratorUsage {
    private var userSeconds = 0.0
    private var systemSeconds = 0.0
    private var asleepNs: Int64 = 0
    /// Descriptors that are not connections; counted once, because looking costs a system call for each.
    private let ownDescriptors: Int

    init() {
        ownDescriptors = Self.openDescriptors()
    }

    mutating func sample(loop: EventLoop, intervalNs: Int64, scheduleLagMaxNs: Int64) -> GeneratorSample {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
        let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
        let asleep = loop.statistics.asleepNs
        var sample = GeneratorSample()
        sample.busyRatio = min(max(1 - Double(asleep - asleepNs) / Double(max(intervalNs, 1)), 0), 1)
        sample.userCPUSeconds = user - userSeconds
        sample.systemCPUSeconds = system - systemSeconds
        sample.rssKiB = Self.residentKiB()
        sample.openDescriptors = ownDescriptors + loop.openConnections
        sample.scheduleLagMaxUs = Int(scheduleLagMaxNs / 1000)
        userSeconds = user
        systemSeconds = system
        asleepNs = asleep
        return sample
    }

    /// proc_pid_statm(5), second field, in pages.
    private static func residentKiB() -> Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { text in
            let length = Glibc.read(file, text.baseAddress, text.count)
            guard length > 0 else { return 0 }
            let fields = text[..<length].split(separator: UInt8(ascii: " "))
            guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
            return pages * Int(getpagesize()) / 1024
        }
    }

    private static func openDescriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = -3  // `.`, `..` and the folder's own
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
