internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A load balancer for WebSocket gateways, as openim-msggateway-proxy is one.
///
/// It upgrades a client first (101), then dials the gateway that the account's consistent hash names, with the same
/// path and query, and relays frames. A gateway that refuses, or does not answer in time, costs the client a RST.
package final class Proxy: Sendable {
    /// `127.0.0.1:41234`, `[::1]:41234`: where clients connect to.
    package let address: String
    package let port: Int
    /// Where `/healthz` and `/metrics` are answered, even when no descriptor is left for anything else.
    package let apiAddress: String
    package let apiPort: Int

    let status: ProxyStatus
    private let configuration: ProxyConfiguration
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    private let loops: [NIOLoopBound<ProxyLoop>]
    private let listener: any Channel
    private let admin: AdminServer
    private let shutdownTask = Mutex<Task<Void, Never>?>(nil)

    /// Starts all threads and listens.
    ///
    /// - Throws: why it cannot; nothing is left running then.
    package static func start(_ configuration: ProxyConfiguration) async throws(GatewayError) -> Proxy {
        try configuration.validate()
        let upstreams = try UpstreamDialer(configuration)
        let log = try LogFile(path: configuration.logFile)
        let counters = (0..<configuration.threads).map { _ in ProxyLoopCounters() }
        let status = ProxyStatus(name: configuration.name, log: log, loops: counters)
        let pages = AdminServer.Pages(isDraining: { status.isDraining }, metrics: { status.metrics() })
        let admin = try AdminServer.start(
            host: configuration.apiHost, port: configuration.apiPort, pages: pages)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
        do {
            return try await Proxy(configuration, status: status, upstreams: upstreams, group: group, admin: admin)
        } catch {
            try? await group.shutdownGracefully()
            admin.stop()
            throw error
        }
    }

    private init(
        _ configuration: ProxyConfiguration, status: ProxyStatus, upstreams: UpstreamDialer,
        group: MultiThreadedEventLoopGroup, admin: AdminServer
    ) async throws(GatewayError) {
        let loops = try await Self.makeLoops(configuration, status: status, upstreams: upstreams, group: group)
        listener = try await ProxyListener(configuration: configuration, status: status).open(on: group) { channel in
            for loop in loops where loop.eventLoop === channel.eventLoop {
                return loop.value
            }
            preconditionFailure("channel of a foreign event loop")
        }
        self.configuration = configuration
        self.status = status
        self.group = group
        self.loops = loops
        self.admin = admin
        port = listener.localAddress?.port ?? 0
        address = listener.localAddress.map(ListenAddress.text) ?? "?"
        apiPort = admin.port
        apiAddress = admin.address
        logger = Logger(label: configuration.name) { _ in
            JSONLineLogHandler(file: status.log, level: configuration.logLevel)
        }
        startPeriodicWork()
        logger.info(
            "listening",
            metadata: [
                "address": .string(address), "api": .string(apiAddress),
                "upstreams": .array(configuration.upstreams.map { .string($0) }),
                "relays_close": .string("\(configuration.relaysClose)"),
            ])
    }

    private static func makeLoops(
        _ configuration: ProxyConfiguration, status: ProxyStatus, upstreams: UpstreamDialer,
        group: MultiThreadedEventLoopGroup
    ) async throws(GatewayError) -> [NIOLoopBound<ProxyLoop>] {
        var loops: [NIOLoopBound<ProxyLoop>] = []
        for (eventLoop, counters) in zip(Array(group.makeIterator()), status.loops) {
            let loop = eventLoop.submit {
                NIOLoopBound(
                    ProxyLoop(configuration, upstreams: upstreams, counters: counters), eventLoop: eventLoop)
            }
            do {
                loops.append(try await loop.get())
            } catch {
                throw .cannotStartThread(reason: "\(error)")
            }
        }
        return loops
    }

    private func startPeriodicWork() {
        for loop in loops {
            // A tenth of a second is how late a deadline may be noticed.
            loop.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(100), delay: .milliseconds(100)) { _ in
                loop.value.closeOverdue()
            }
        }
        let (status, logger) = (status, logger)
        let reported = SharedCounter()
        loops[0].eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let failures = status.acceptErrors.value - reported.value
            guard failures > 0 else { return }
            reported.add(failures)
            logger.warning("accept failed", metadata: ["count": .stringConvertible(failures)])
        }
    }
}

// MARK: Shutdown

extension Proxy {
    /// Stops accepting, asks every client to close (1001), or resets it where closes are not relayed, waits for the
    /// grace period, resets the rest, and ends all threads. Later calls wait for the first.
    package func shutdown() async {
        let task = shutdownTask.withLock { task in
            let running = task ?? Task { await self.performShutdown() }
            task = running
            return running
        }
        await task.value
    }

    private func performShutdown() async {
        logger.info("shutting down", metadata: ["connections": .stringConvertible(status.connections)])
        status.beginDraining()
        try? await listener.close()
        let drained = loops.map { loop in
            let drained = loop.eventLoop.makePromise(of: Void.self)
            loop.eventLoop.execute { loop.value.drain(drained) }
            return drained.futureResult
        }
        let grace = TimeAmount.nanoseconds(configuration.shutdownGrace.wholeNanoseconds)
        let deadline = loops[0].eventLoop.scheduleTask(in: grace) { self.cut() }
        try? await EventLoopFuture.andAllComplete(drained, on: loops[0].eventLoop).get()
        deadline.cancel()
        try? await group.shutdownGracefully()
        logger.info(
            "stopped",
            metadata: [
                "connections": .stringConvertible(status.sum(\.connectionsAccepted)),
                "upstream_failures": .stringConvertible(status.sum(\.upstreamsFailed)),
                "resets": .stringConvertible(status.sum(\.resets)),
                "log_lines_lost": .stringConvertible(status.log.linesLost),
            ])
        admin.stop()
    }

    /// Ends a shutdown's waiting: whatever is still connected is reset at once.
    package func cut() {
        for loop in loops {
            loop.eventLoop.execute { loop.value.cut() }
        }
    }
}
