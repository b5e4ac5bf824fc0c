internal import CLinux
internal import Glibc

/// What this process uses of the machine, read from /proc/self (proc(5)) and getrusage(2).
struct ProcessUsage {
    /// nil where /proc cannot be read.
    var openDescriptors: Int?
    /// RLIMIT_NOFILE, soft; nil: unlimited.
    var maxDescriptors: Int?
    var residentBytes: Int?
    var cpuSeconds: Double
    var threads: Int?

    static func read() -> ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let statm = ProcFile.read("/proc/self/statm")?.split(separator: " ")
        let residentPages = statm.flatMap { $0.count > 1 ? Int($0[1]) : nil }
        return ProcessUsage(
            openDescriptors: countDescriptors(), maxDescriptors: DescriptorLimit.current().map { Int($0.soft) },
            residentBytes: residentPages.map { $0 * sysconf(CInt(_SC_PAGESIZE)) },
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), threads: statField(20).flatMap { Int($0) })
    }

    /// Seconds since 1970 when the process started.
    static func startTime() -> Double? {
        guard let ticks = statField(22).flatMap({ Double($0) }), let stat = ProcFile.read("/proc/stat") else {
            return nil
        }
        let bootLine = stat.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let boot = bootLine.flatMap({ Double($0.dropFirst(6)) }) else { return nil }
        return boot + ticks / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// A field of /proc/self/stat, counted from 1 as in proc_pid_stat(5); fields from 3 on.
    private static func statField(_ number: Int) -> Substring? {
        // The second field, the name, is in parentheses and may hold spaces.
        guard let stat = ProcFile.read("/proc/self/stat"), let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.indices.contains(number - 3) ? fields[number - 3] : nil
    }

    private static func countDescriptors() -> Int? {
        // Since Linux 6.2 the size of this directory is the number of open descriptors; before, it was 0.
        let size = clinux_file_size("/proc/self/fd")
        if size > 0 { return Int(size) }
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // ".", "..", and the directory's own descriptor.
        return count - 3
    }
}

/// Reads small files of /proc.
enum ProcFile {
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}
