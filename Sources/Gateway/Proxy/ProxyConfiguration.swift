/// What the proxy process does and where it listens.
///
/// The defaults, with one upstream at least, make a healthy proxy on loopback ports that the kernel chooses.
package struct ProxyConfiguration: Equatable, Sendable {
    /// Shown in the log and in the metrics' `proxy` label.
    package var name = "proxy"
    /// Numeric address or host name to listen on for clients.
    package var host = "127.0.0.1"
    /// 0: the kernel chooses.
    package var port = 0
    /// Where `/healthz` and `/metrics` are answered, by a thread of their own.
    package var apiHost = "127.0.0.1"
    /// 0: the kernel chooses.
    package var apiPort = 0
    /// HOST:PORT of each gateway; an account's is chosen by its place in this list.
    package var upstreams: [String] = []
    /// Whether the closing handshake goes from end to end.
    ///
    /// `false` as in openim-msggateway-proxy: neither relayed nor answered, and an end on one side resets the other.
    package var relaysClose = true
    /// Accounts are OpenIM's users (`sendID`), and connections end where openim-msggateway-proxy ends them; nil: plain.
    ///
    /// It brings its own `maxFrameBytes`.
    package var openIM: OpenIMProxyLimits?
    /// From the client's upgrade until the gateway's 101 is there.
    package var upstreamTimeout: Duration = .seconds(3)
    /// Event-loop threads that serve connections.
    package var threads = EventLoopThreads.suggested
    /// A larger frame ends both connections.
    package var maxFrameBytes = 1 << 20
    /// A connection that has not sent a whole request within this time is closed.
    package var handshakeTimeout: Duration = .seconds(10)
    /// How long a peer may take to end its connection after the closing handshake.
    package var closeTimeout: Duration = .seconds(5)
    /// How long a shutdown waits for the peers' close frames before it resets what is left.
    package var shutdownGrace: Duration = .seconds(5)
    /// Soft RLIMIT_NOFILE that the process gives itself; nil: as high as the hard limit lets.
    package var descriptorLimit: Int?
    /// Log lines are appended to this file; nil: standard error.
    package var logFile: String?
    package var logLevel = LogLevel.info

    package init() {}

    /// Whichever limit holds; control frames have their own of 125 bytes.
    var frameLimit: Int { max(125, openIM?.maxMessageBytes ?? maxFrameBytes) }

    /// Checks every field.
    ///
    /// - Throws: ``GatewayError/configuration(field:expected:)`` for the first field out of range.
    package func validate() throws(GatewayError) {
        func require(_ holds: Bool, _ field: String, _ expected: String) throws(GatewayError) {
            guard holds else { throw .configuration(field: field, expected: expected) }
        }
        let ports = 0...65535
        try require(!name.isEmpty, "name", "a name that is not empty")
        try require(!host.isEmpty, "host", "an address or a host name")
        try require(ports.contains(port), "port", "a port from 0 to 65535")
        try require(!apiHost.isEmpty, "apiHost", "an address or a host name")
        try require(ports.contains(apiPort), "apiPort", "a port from 0 to 65535")
        try require(!upstreams.isEmpty, "upstreams", "at least one gateway")
        for upstream in upstreams {
            try require(HostAndPort(upstream) != nil, "upstreams", "HOST:PORT, not \"\(upstream)\"")
        }
        try require((1...256).contains(threads), "threads", "1 to 256 threads")
        // NIO's frame decoder takes no larger limit.
        try require((1...Int(UInt32.max)).contains(maxFrameBytes), "maxFrameBytes", "1 to 4294967295 bytes")
        let timeouts: ClosedRange<Duration> = .milliseconds(1) ... .seconds(3600)
        try require(timeouts.contains(upstreamTimeout), "upstreamTimeout", "a time from 1 ms to 1 h")
        try require(timeouts.contains(handshakeTimeout), "handshakeTimeout", "a time from 1 ms to 1 h")
        try require(timeouts.contains(closeTimeout), "closeTimeout", "a time from 1 ms to 1 h")
        try require((.zero ... .seconds(3600)).contains(shutdownGrace), "shutdownGrace", "a time from 0 to 1 h")
        try DescriptorLimit.validate(descriptorLimit)
        try openIM?.validate()
    }
}
