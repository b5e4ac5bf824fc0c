internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A WebSocket gateway that keeps a registry of the accounts online and echoes their messages.
///
/// Any path but `/healthz` and `/metrics` may be upgraded; `?account=NAME` names the account. After the 101 the
/// session goes through the bounded register queue to the registry thread; from its admission on, frames are
/// answered: text and binary with the same message, PING with PONG. What came before is kept until then.
package final class Gateway: Sendable {
    /// `127.0.0.1:41234`, `[::1]:41234`: where WebSocket connections are accepted.
    package let address: String
    package let port: Int
    /// Where `/healthz`, `/metrics` and `/debug/queues` are answered by a thread of their own, even when the others
    /// hang.
    package let apiAddress: String
    package let apiPort: Int
    /// Where the stack's other gateways ask for login checks.
    package let internalAddress: String

    /// Where the message service's pushes are taken; nil without one.
    let pushPort: Int?
    let status: GatewayStatus
    let registry: any SessionRegistry
    private let configuration: GatewayConfiguration
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    private let adminGroup: MultiThreadedEventLoopGroup
    let loops: ServedLoops
    private let gatewayChannel: any Channel
    private let adminChannel: any Channel
    private let internalChannel: any Channel
    private let registryEnded: EventLoopFuture<Void>
    private let shutdownTask = Mutex<Task<Void, Never>?>(nil)

    /// Starts all threads and listens.
    ///
    /// - Throws: why it cannot; nothing is left running then.
    package static func start(_ configuration: GatewayConfiguration) async throws(GatewayError) -> Gateway {
        try configuration.validate()
        let log = try LogFile(path: configuration.logFile)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
        let adminGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let registry = makeRegistry(configuration, adminGroup)
        let registryEnded = adminGroup.next().makePromise(of: Void.self)
        do {
            try registry.start { registryEnded.succeed() }
        } catch {
            registryEnded.succeed()
            try? await group.shutdownGracefully()
            try? await adminGroup.shutdownGracefully()
            throw error
        }
        do {
            return try await Gateway(
                configuration, log: log, group: group, adminGroup: adminGroup, registry: registry,
                registryEnded: registryEnded.futureResult)
        } catch {
            registry.stop()
            try? await registryEnded.futureResult.get()
            try? await group.shutdownGracefully()
            try? await adminGroup.shutdownGracefully()
            throw error
        }
    }

    private static func makeRegistry(
        _ configuration: GatewayConfiguration, _ adminGroup: MultiThreadedEventLoopGroup
    ) -> any SessionRegistry {
        guard let defect = configuration.registryDefect else {
            return Registry(configuration, announcements: PeerAnnouncements(eventLoop: adminGroup.next()))
        }
        return Hub(configuration, defect: defect)
    }

    private init(
        _ configuration: GatewayConfiguration, log: LogFile, group: MultiThreadedEventLoopGroup,
        adminGroup: MultiThreadedEventLoopGroup, registry: any SessionRegistry,
        registryEnded: EventLoopFuture<Void>
    ) async throws(GatewayError) {
        let logger = Logger(label: configuration.name) { _ in
            JSONLineLogHandler(file: log, level: configuration.logLevel)
        }
        let eventLoops = Array(group.makeIterator())
        let counters = eventLoops.map { _ in LoopCounters() }
        let sessionIDs = SessionIDs()
        let service = try Self.resolveMessageService(configuration)
        let callCounters = service == nil ? [] : eventLoops.map { _ in MessageCallCounters() }
        let defects = GatewayDefects(configuration)
        do {
            loops = try await ServedLoops(eventLoops) { index in
                LoopState(
                    counters: counters[index], configuration: configuration, registry: registry,
                    sessionIDs: sessionIDs, logger: logger,
                    messageCalls: service.map { service in
                        MessageCalls(
                            to: service, on: eventLoops[index], loopIndex: index, loopCount: eventLoops.count,
                            counters: callCounters[index])
                    },
                    defects: defects.map { LoopDefects($0, loopIndex: index) })
            }
        } catch {
            throw .cannotStartThread(reason: "\(error)")
        }
        status = GatewayStatus(
            name: configuration.name, loops: counters, registry: registry, log: log, messageCalls: callCounters)
        pushPort =
            service == nil
            ? nil
            : try await Self.takePushes(
                host: configuration.apiHost, on: group, loops: loops,
                orders: GatewayOrders(online: registry.online))
        let listeners = Listeners(configuration: configuration, status: status)
        gatewayChannel = try await listeners.openGateway(on: group, loops: loops)
        adminChannel = try await listeners.openAdmin(on: adminGroup)
        internalChannel = try await listeners.openInternal(on: adminGroup, registry: registry)
        port = gatewayChannel.localAddress?.port ?? 0
        address = gatewayChannel.localAddress.map(ListenAddress.text) ?? "?"
        apiPort = adminChannel.localAddress?.port ?? 0
        apiAddress = adminChannel.localAddress.map(ListenAddress.text) ?? "?"
        internalAddress = internalChannel.localAddress.map(ListenAddress.text) ?? "?"
        self.configuration = configuration
        self.logger = logger
        self.group = group
        self.adminGroup = adminGroup
        self.registry = registry
        self.registryEnded = registryEnded
        startPeriodicWork()
        logger.info(
            "listening",
            metadata: [
                "address": .string(address), "api": .string(apiAddress), "name": .string(configuration.name),
                "threads": .stringConvertible(configuration.threads),
                "queue_capacity": .stringConvertible(registry.gauges.capacity),
                "login_policy": .string(
                    configuration.openIM.map { "\($0.loginPolicy.rawValue)" } ?? configuration.loginPolicy.rawValue),
            ])
    }

    private static func resolveMessageService(
        _ configuration: GatewayConfiguration
    ) throws(GatewayError) -> SocketAddress? {
        guard let service = configuration.messageService.flatMap({ HostAndPort($0) }) else { return nil }
        do {
            return try SocketAddress.makeAddressResolvingHost(service.host, port: service.port)
        } catch {
            throw .serviceNotFound(host: service.host)
        }
    }

    /// Listens for the pushes of the message service, and lets each loop tell it where.
    private static func takePushes(
        host: String, on group: any EventLoopGroup, loops: ServedLoops, orders: GatewayOrders
    ) async throws(GatewayError) -> Int? {
        let listener = try await PushListener.open(host: host, on: group, loops: loops, orders: orders)
        let address = listener.localAddress.map(ListenAddress.text) ?? ""
        // Before any connection is accepted on these loops.
        loops.onEach { $0.messageCalls?.pushAddress = address }
        return listener.localAddress?.port
    }

    private func startPeriodicWork() {
        // A quarter of a second is how late a deadline may be noticed.
        loops.onEach(every: .milliseconds(250)) { $0.closeOverdue() }
        let status = status
        let logger = logger
        let adminLoop = adminGroup.next()
        for case .crash(let time) in configuration.defects {
            adminLoop.scheduleTask(in: .nanoseconds(time.wholeNanoseconds)) {
                // Without a report of our own runtime: a crash of any server looks so from outside.
                signal(SIGABRT, SIG_DFL)
                abort()
            }
        }
        adminLoop.execute {
            let activity = NIOLoopBound(ActivityLog(status: status, logger: logger), eventLoop: adminLoop)
            adminLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                activity.value.report()
            }
        }
    }
}

// MARK: Peers

extension Gateway {
    /// Names the internal addresses of the stack's gateways, so that a login at one of them takes the place of an older
    /// one at another.
    ///
    /// This gateway's own address may be among them.
    ///
    /// - Throws: when one of them is no address; nothing has changed then.
    package func setPeers(_ addresses: [String]) throws(GatewayError) {
        var peers: [PeerAddress] = []
        for address in addresses where address != internalAddress {
            peers.append(try PeerAddress(address))
        }
        registry.setPeers(peers)
    }

    /// Takes a line of a child's standard input: `{"peers":["HOST:PORT",…]}`.
    func takeInput(_ line: String) {
        do {
            guard let peers = PeersLine.parse(line) else {
                return logger.warning("unknown input", metadata: ["line": .string(line)])
            }
            try setPeers(peers)
        } catch {
            logger.warning("peers not usable", metadata: ["reason": .string("\(error)")])
        }
    }
}

// MARK: Shutdown

extension Gateway {
    /// Stops accepting, asks every peer to close (1001), waits for the grace period, cuts the rest, and ends all
    /// threads.
    ///
    /// Returns when all is done; later calls wait for the first.
    package func shutdown() async {
        let task = shutdownTask.withLock { task in
            let running = task ?? Task { await self.performShutdown() }
            task = running
            return running
        }
        await task.value
    }

    /// Ends a shutdown's waiting: whatever is still connected is cut at once.
    package func cut() {
        loops.onEach { $0.cut() }
    }

    private func performShutdown() async {
        let connections = status.connections
        logger.info("shutting down", metadata: ["connections": .stringConvertible(connections)])
        status.beginDraining()
        try? await gatewayChannel.close()
        let drained = loops.drain()
        let adminLoop = adminGroup.next()
        let grace = TimeAmount.nanoseconds(configuration.shutdownGrace.wholeNanoseconds)
        let deadline = adminLoop.scheduleTask(in: grace) { self.cut() }
        try? await EventLoopFuture.andAllComplete(drained, on: adminLoop).get()
        deadline.cancel()
        registry.stop()
        try? await registryEnded.get()
        try? await group.shutdownGracefully()
        logSummary()
        try? await internalChannel.close()
        try? await adminChannel.close()
        try? await adminGroup.shutdownGracefully()
    }

    private func logSummary() {
        let registered = status.registryCounters
        logger.info(
            "stopped",
            metadata: [
                "connections": .stringConvertible(status.sum(\.connectionsAccepted)),
                "handshakes": .stringConvertible(status.sum(\.handshakes)),
                "registered": .stringConvertible(registered.registered.value),
                "kicked": .stringConvertible(registered.kicked.value),
                "messages_received": .stringConvertible(status.sum(\.messagesReceived)),
                "messages_sent": .stringConvertible(status.sum(\.messagesSent)),
                "accounts_left": .stringConvertible(registered.accounts.value),
                "log_lines_lost": .stringConvertible(status.log.linesLost),
            ])
    }
}
