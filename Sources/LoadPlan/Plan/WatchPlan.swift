/// What is watched during a run besides the load itself.
package struct WatchPlan: Codable, Equatable, Sendable {
    /// Processes of this machine are watched without being named: those of the bundled gateway, or the one that
    /// listens on a target of this machine.
    ///
    /// False after `--watch none`.
    package var targetProcesses: Bool
    /// TCP ports whose listening processes are watched.
    package var ports: [Int]
    package var pids: [Int]
    /// Addresses of metrics in the Prometheus text format, `http://` or `https://`.
    package var urls: [String]
    /// Base address of a Go server's `net/http/pprof`, `http://` or `https://`.
    package var pprof: String?
    /// Series that are kept from `urls` besides those known everywhere.
    package var series: [String]

    package init(
        targetProcesses: Bool = true, ports: [Int] = [], pids: [Int] = [], urls: [String] = [], pprof: String? = nil,
        series: [String] = []
    ) {
        self.targetProcesses = targetProcesses
        self.ports = ports
        self.pids = pids
        self.urls = urls
        self.pprof = pprof
        self.series = series
    }
}
