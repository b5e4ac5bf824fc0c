internal import LoadMetrics

/// What the samples of a process have taught, for the scene.
struct SourceRecord: Sendable {
    var source: WatchedSource
    var pid: Int32
    var firstCounts: [String: Int]?
    var firstCountsNs: Int64?
    var memory: DescriptorCensus.SocketMemory
    var threads: ThreadTable
}
