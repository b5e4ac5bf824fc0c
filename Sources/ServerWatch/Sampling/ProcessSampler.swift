internal import Glibc
internal import LoadMetrics

/// Takes the samples of one process.
///
/// A sample has two halves, `begin` and `finish`: between them the caller reads the socket table, once for all
/// processes, so that it is never older than the links that are looked up in it.
struct ProcessSampler: ~Copyable {
    private static let ticksPerSecond = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    private static let pageKiB = max(sysconf(Int32(_SC_PAGESIZE)), 1024) / 1024

    let process: ProcFolder
    private(set) var threads = ThreadTable()
    private(set) var memory = DescriptorCensus.SocketMemory()
    /// Of the first sample that had one.
    private(set) var firstCounts: [String: Int]?
    private(set) var firstCountsNs: Int64?
    /// What could not be read for want of permission, in words; to be told once.
    private(set) var denied: String?
    private var budget = CensusBudget()
    private var isDue = false
    private var links: DescriptorLinks?
    private var linksCostNs: Int64 = 0

    init(_ process: consuming ProcFolder) {
        self.process = process
    }

    /// Whether `finish` will look into the table of sockets: to join it with the links, or, where those are denied, because
    /// the connections of a port are anyone's to read.
    var wantsSockets: Bool { isDue && (links != nil || denied != nil) }

    /// Reads the descriptors if their time has come.
    ///
    /// - Throws: `gone` when the process has ended.
    mutating func begin(atNs: Int64) throws(ProcError) {
        links = nil
        isDue = budget.isDue(atNs: atNs)
        guard isDue else { return }
        let startNs = MonotonicClock.threadCPUNs
        do {
            links = try DescriptorLinks(ProcFolder("fd", in: process))
        } catch .denied {
            denied = "its open files"
        }
        linksCostNs = MonotonicClock.threadCPUNs - startNs
    }

    /// - Parameters:
    ///   - table: read since `begin`; nil when it could not be read, or `wantsSockets` is false.
    ///   - tableCostNs: this process's part of the CPU time that reading it took.
    ///   - listeners: the listening sockets of the same network namespace; nil when unknown.
    ///   - processes: how many are sampled.
    /// - Throws: `gone` when the process has ended.
    mutating func finish(
        _ sample: inout ServerSample, port: Int?, table: SocketTable?, tableCostNs: Int64, listeners: [TCPSocket]?,
        atNs: Int64, processes: Int
    ) throws(ProcError) {
        try readUsage(&sample)
        try threads.read(of: process, atNs: atNs)
        sample.threadsByState = threads.countsByState
        sample.voluntarySwitches = threads.voluntarySwitches
        sample.involuntarySwitches = threads.involuntarySwitches
        if let limits = try? process.read("limits") { sample.descriptorLimit = ProcessLimits(limits)?.openFiles }

        let startNs = MonotonicClock.threadCPUNs
        if let links, let table, let descriptors = try? ProcFolder("fd", in: process) {
            let census = DescriptorCensus(
                links, table: table, memory: memory, process: process, descriptors: descriptors)
            memory = census.memory
            let counts = census.countsByName
            if firstCounts == nil {
                firstCounts = counts
                firstCountsNs = atNs
            }
            sample.descriptors = census.total
            sample.descriptorsByKind = counts
            if let port { Self.count(census.connections.lazy.map(\.socket), port: port, in: &sample) }
            let joinCostNs = MonotonicClock.threadCPUNs - startNs
            budget.spent(linksCostNs + tableCostNs + joinCostNs, atNs: atNs, processes: processes)
        } else {
            // The folder may be opened by more than those who may read its links.
            if let descriptors = try? ProcFolder("fd", in: process) { sample.descriptors = descriptors.sizeInEntries }
            if denied != nil, let table, let port {
                let addresses = ListenAddresses(listeners ?? [], port: port)
                Self.count(
                    table.sockets.lazy.filter { $0.inode != 0 && addresses.cover($0) }, port: port, in: &sample)
                let countCostNs = MonotonicClock.threadCPUNs - startNs
                budget.spent(tableCostNs + countCostNs, atNs: atNs, processes: processes)
            }
        }
        links = nil
        if let port, let listeners { countAcceptQueue(listeners, port: port, in: &sample) }
    }

    private func readUsage(_ sample: inout ServerSample) throws(ProcError) {
        guard let stat = ProcessStat(try process.read("stat")) else { return }
        guard !stat.hasEnded else { throw .gone }
        sample.userCPUSeconds = Double(stat.userTicks) / Self.ticksPerSecond
        sample.systemCPUSeconds = Double(stat.systemTicks) / Self.ticksPerSecond
        sample.threads = stat.threads
        sample.residentKiB =
            Int(clamping: stat.residentPages).multipliedReportingOverflow(by: Self.pageKiB).partialValue
    }

    private static func count(_ sockets: some Sequence<TCPSocket>, port: Int, in sample: inout ServerSample) {
        var connections: [String: Int] = [:]
        var unread = 0
        for socket in sockets where Int(socket.local.port) == port && socket.state != .listen {
            connections[socket.state.name, default: 0] += 1
            if socket.state == .established, socket.receiveQueue > 0 { unread += 1 }
        }
        sample.connections = connections
        sample.unreadConnections = unread
    }

    /// Of the process's own sockets when its descriptors are known, else of all on this port.
    private func countAcceptQueue(_ listeners: [TCPSocket], port: Int, in sample: inout ServerSample) {
        let onPort = listeners.filter { Int($0.local.port) == port }
        let own = onPort.filter { memory.knows($0.inode) }
        let counted = own.isEmpty ? onPort : own
        guard !counted.isEmpty else { return }
        sample.acceptQueue = counted.reduce(0) { $0 + Int($1.receiveQueue) }
        let limits = counted.compactMap { $0.sendQueue.map { Int($0) } }
        if limits.count == counted.count { sample.acceptQueueLimit = limits.reduce(0, +) }
    }
}
