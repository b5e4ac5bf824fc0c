/// What one watched source held and did at one moment.
///
/// Every quantity is optional: a metrics address tells some, /proc others, and a process that belongs to another user
/// only a few. Absent means not known, never zero.
package struct ServerSample: Codable, Equatable, Sendable {
    /// `WatchedSource.number`.
    package var source: Int
    package var pid: Int32?
    /// Seconds since the run's start; before it, negative.
    package var atS: Double

    /// Open file descriptors.
    package var descriptors: Int?
    /// Descriptors by `DescriptorKind` name, such as `tcp:CLOSE_WAIT`; they add up to `descriptors`, or nearly: a
    /// process goes on working while it is read.
    package var descriptorsByKind: [String: Int]?
    /// RLIMIT_NOFILE (soft), or what the source says its limit is.
    package var descriptorLimit: Int?

    /// Sockets of this process whose local port is the source's `port`, by TCP state (`ESTABLISHED`, `CLOSE_WAIT`).
    package var connections: [String: Int]?
    /// Connections that the kernel has accepted on `port` and the process has not, and how many there may be.
    package var acceptQueue: Int?
    package var acceptQueueLimit: Int?
    /// Connections on `port` that hold received bytes which the process has not read.
    package var unreadConnections: Int?

    /// Used so far, seconds.
    package var userCPUSeconds: Double?
    package var systemCPUSeconds: Double?
    package var residentKiB: Int?
    package var threads: Int?
    /// By the letter of proc_pid_stat(5): R, S, D, T.
    package var threadsByState: [String: Int]?
    /// Of all threads so far; a thread that ended takes its share with it.
    package var voluntarySwitches: Int?
    package var involuntarySwitches: Int?

    /// go_goroutines.
    package var goroutines: Int?
    /// What the server itself says: online_user_num or the profile's series of that meaning.
    package var accountsOnline: Int?
    /// Series that the profile names, and whatever else a rule may look at, by series name with its labels.
    package var series: [String: Double]?

    package init(source: Int, atS: Double) {
        self.source = source
        self.atS = atS
    }

    private enum CodingKeys: String, CodingKey {
        case source, pid, atS = "at_s", descriptors = "fds", descriptorsByKind = "fds_by_kind"
        case descriptorLimit = "fd_limit", connections, acceptQueue = "accept_queue"
        case acceptQueueLimit = "accept_queue_limit", unreadConnections = "unread_connections"
        case userCPUSeconds = "cpu_user_s", systemCPUSeconds = "cpu_system_s", residentKiB = "rss_kib", threads
        case threadsByState = "threads_by_state", voluntarySwitches = "voluntary_switches"
        case involuntarySwitches = "involuntary_switches", goroutines, accountsOnline = "accounts_online", series
    }
}

extension ServerSample {
    /// User and system CPU time so far, seconds.
    package var cpuSeconds: Double? {
        guard let userCPUSeconds else { return systemCPUSeconds }
        return userCPUSeconds + (systemCPUSeconds ?? 0)
    }
}
