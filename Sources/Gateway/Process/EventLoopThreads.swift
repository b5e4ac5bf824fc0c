internal import NIOCore

/// How many event-loop threads a gateway has unless told.
enum EventLoopThreads {
    /// Two where there are two cores: the load generator needs the others.
    static var suggested: Int { min(2, System.coreCount) }
}
