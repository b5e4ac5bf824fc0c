package import LoadMetrics

/// A process of this machine that is to be watched.
package enum WatchTarget: Equatable, Sendable {
    /// - Parameter port: the TCP port at which the load arrives at this process, if it does.
    case process(pid: Int32, role: WatchedSource.Role, name: String, port: Int?)
    /// Every process of this network namespace that listens on a TCP port, and whoever follows it there.
    case port(Int)
}
