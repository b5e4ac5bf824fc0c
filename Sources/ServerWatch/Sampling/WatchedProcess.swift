internal import LoadMetrics

/// A living process that is a source.
final class WatchedProcess {
    let source: WatchedSource
    let pid: Int32
    /// The network namespace, as its link says; the same text is the same namespace. Empty when not ours to know.
    let namespace: String
    let end: ProcessEnd
    var sampler: ProcessSampler
    /// What has been said of its not being readable; the same is not said twice.
    var complaints: Set<String> = []

    /// - Throws: `gone` when there is no such process.
    init(_ source: WatchedSource, pid: Int32) throws(ProcError) {
        let folder = try ProcFolder(process: pid)
        guard let stat = ProcessStat(try folder.read("stat")), !stat.hasEnded else { throw .gone }
        end = ProcessEnd(process: pid)
        namespace = (try? folder.link("ns/net")) ?? ""
        var source = source
        source.pid = pid
        source.command = (try? folder.read("cmdline")).flatMap { CommandLine.text($0) } ?? "[\(stat.name)]"
        source.descriptorLimit = (try? folder.read("limits")).flatMap { ProcessLimits($0)?.openFiles }
        self.source = source
        self.pid = pid
        sampler = ProcessSampler(folder)
    }
}
