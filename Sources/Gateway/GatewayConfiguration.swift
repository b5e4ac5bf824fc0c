/// What one gateway process does and where it listens.
///
/// The defaults make a healthy gateway on loopback ports that the kernel chooses.
package struct GatewayConfiguration: Equatable, Sendable {
    /// Shown in the log and in the metrics' `gateway` label.
    package var name = "gateway"
    /// Numeric address or host name to listen on.
    package var host = "127.0.0.1"
    /// 0: the kernel chooses.
    package var port = 0
    /// Where `/healthz` and `/metrics` are also answered, and `/debug/queues`, by a thread of their own.
    package var apiHost = "127.0.0.1"
    /// 0: the kernel chooses.
    package var apiPort = 0
    /// SO_REUSEPORT: several processes share `port`, the kernel spreads the connections (socket(7)).
    package var reusePort = false
    /// Event-loop threads that serve connections.
    package var threads = EventLoopThreads.suggested
    /// Places in the register queue, and as many in the unregister queue.
    package var queueCapacity = 1000
    /// Time of the backend call that the registry thread makes for each registration.
    package var registrationDelay: Duration = .zero
    /// Time of the backend call that the registry thread makes for each deregistration.
    package var unregistrationDelay: Duration = .zero
    package var loginPolicy = LoginPolicy.kickOlder
    /// Registers sessions through queues and locks that can come to wait for each other; nil: they cannot.
    ///
    /// It brings its own queue capacity and backend times: `queueCapacity`, `registrationDelay` and
    /// `unregistrationDelay` must be left alone then.
    package var registryDefect: RegistryDefect?
    /// A larger message ends its connection with close code 1009 (RFC 6455 §7.4.1).
    package var maxMessageBytes = 1 << 20
    /// A connection that has not sent a whole request within this time is closed.
    package var handshakeTimeout: Duration = .seconds(10)
    /// How long the peer may take to answer a close frame before its connection is cut.
    package var closeTimeout: Duration = .seconds(5)
    /// How long the peer may leave what was written to it unread before its connection is cut; only a gateway whose
    /// `registryDefect` lets others wait for that write asks.
    package var writeTimeout: Duration = .seconds(10)
    /// How long a shutdown waits for the peers' close frames before it cuts what is left.
    package var shutdownGrace: Duration = .seconds(5)
    /// Log lines are appended to this file; nil: standard error.
    package var logFile: String?
    package var logLevel = LogLevel.info
    /// HOST:PORT of the message service that answers the messages; nil: the gateway echoes them itself.
    package var messageService: String?
    /// The gateway speaks OpenIM, and its message service must; nil: it echoes, to accounts named in the URL.
    ///
    /// It brings its own `maxMessageBytes` and `loginPolicy`; no request is waited for (`handshakeTimeout`).
    package var openIM: OpenIMConfiguration?
    /// What is wrong with this gateway, each name at most once.
    ///
    /// Those of the message service are given to that (``MessageServiceConfiguration/defects``).
    package var defects: [Defect] = []
    /// Of the defects' random choices.
    package var seed: UInt64 = 0
    /// Soft RLIMIT_NOFILE that the process gives itself; nil: as high as the hard limit lets.
    package var descriptorLimit: Int?

    package init() {}

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
        try require((1...256).contains(threads), "threads", "1 to 256 threads")
        try require((1...1_000_000).contains(queueCapacity), "queueCapacity", "1 to 1000000 places")
        let delays: ClosedRange<Duration> = .zero ... .seconds(3600)
        try require(delays.contains(registrationDelay), "registrationDelay", "a time from 0 to 1 h")
        try require(delays.contains(unregistrationDelay), "unregistrationDelay", "a time from 0 to 1 h")
        let standard = GatewayConfiguration()
        let leavesRegistryAlone =
            queueCapacity == standard.queueCapacity && registrationDelay == standard.registrationDelay
            && unregistrationDelay == standard.unregistrationDelay
        try require(
            registryDefect == nil || leavesRegistryAlone, "registryDefect",
            "no queueCapacity, registrationDelay or unregistrationDelay beside it; it has its own")
        if let registryDefect {
            try require((1...1_000_000).contains(registryDefect.queueCapacity), "registryDefect", "1 to 1000000 places")
            let times = [registryDefect.registerTime, registryDefect.unregisterTime, registryDefect.kickTime]
            try require(times.allSatisfy(delays.contains), "registryDefect", "times from 0 to 1 h")
        }
        // NIO's frame decoder takes no larger limit.
        try require((1...Int(UInt32.max)).contains(maxMessageBytes), "maxMessageBytes", "1 to 4294967295 bytes")
        let timeouts: ClosedRange<Duration> = .milliseconds(1) ... .seconds(3600)
        try require(timeouts.contains(handshakeTimeout), "handshakeTimeout", "a time from 1 ms to 1 h")
        try require(timeouts.contains(closeTimeout), "closeTimeout", "a time from 1 ms to 1 h")
        try require(timeouts.contains(writeTimeout), "writeTimeout", "a time from 1 ms to 1 h")
        try require(delays.contains(shutdownGrace), "shutdownGrace", "a time from 0 to 1 h")
        if let messageService {
            try require(HostAndPort(messageService) != nil, "messageService", "HOST:PORT")
            try require(
                maxMessageBytes <= MessageFrame.maxPayloadBytes, "maxMessageBytes",
                "1 to \(MessageFrame.maxPayloadBytes) bytes with a message service")
        }
        if let openIM {
            try require(messageService != nil, "messageService", "HOST:PORT of OpenIM's service")
            try openIM.validate()
        }
        try Defect.validate(defects, areOfMessageService: false)
        try DescriptorLimit.validate(descriptorLimit)
    }
}

/// What happens when an account logs in that is online already.
package enum LoginPolicy: String, CaseIterable, Codable, Sendable {
    /// The older login is closed with code 4001.
    case kickOlder
    /// Both stay.
    case allowAll
}

/// The least important lines that are logged.
package enum LogLevel: String, CaseIterable, Codable, Sendable {
    /// One line per connection event.
    case debug
    case info
    case warning
    case error
}
