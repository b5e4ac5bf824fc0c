internal import Glibc

/// File descriptors that this process may still open.
enum DescriptorRoom {
    /// The soft limit less those that are open (proc_pid_fd(5)).
    static func left() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var open = 0
        while readdir(folder) != nil { open += 1 }
        // The folder's own descriptor, and its entries for itself and its parent.
        return max(Int(clamping: limit.rlim_cur) - max(open - 3, 0), 0)
    }
}
