internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket

/// Opens the gateway's two listening sockets.
struct Listeners: Sendable {
    let configuration: GatewayConfiguration
    let status: GatewayStatus

    /// Longest queue of connections that await accept(2); the kernel cuts it to net.core.somaxconn (listen(2)).
    private static let backlog: CInt = 4096
    /// Small to start with, since each connection keeps its latest receive buffer; grows with what is received.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65536)

    /// The gateway's own: WebSocket at every path but two.
    func openGateway(on group: any EventLoopGroup, loops: ServedLoops) async throws(GatewayError) -> any Channel {
        let upgrader = makeUpgrader(loops)
        let status = status
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(counting: status.acceptErrors))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let loop = loops.state(for: channel)
                    guard !loop.isDraining else { throw ChannelError.eof }
                    if let openIM = loop.openIM {
                        return try Self.addOpenIMHandlers(
                            to: channel, OpenIMHandshake(loop: loop, openIM: openIM, status: status))
                    }
                    let route = HTTPRouteHandler(loop: loop, status: status)
                    try Self.addHTTPHandlers(to: channel, upgraders: [upgrader])
                    try channel.pipeline.syncOperations.addHandler(route)
                    loop.connectionOpened(channel)
                }
            }
        if configuration.reusePort {
            _ = bootstrap.serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
        }
        return try await bind(bootstrap, host: configuration.host, port: configuration.port)
    }

    /// The admin listener.
    func openAdmin(on group: any EventLoopGroup) async throws(GatewayError) -> any Channel {
        let status = status
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.addHTTPHandlers(to: channel, upgraders: [])
                    try channel.pipeline.syncOperations.addHandler(HTTPRouteHandler(loop: nil, status: status))
                }
            }
        return try await bind(bootstrap, host: configuration.apiHost, port: configuration.apiPort)
    }

    /// The internal one, where the other gateways of the stack ask for login checks.
    func openInternal(
        on group: any EventLoopGroup, registry: any SessionRegistry
    ) async throws(GatewayError) -> any Channel {
        let greeting = PeerFrame.greeting(gateway: configuration.name, thread: registry.checkThread)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        PeerHandler(greeting: greeting, registry: registry))
                }
            }
        return try await bind(bootstrap, host: "127.0.0.1", port: 0)
    }

    private func bind(_ bootstrap: ServerBootstrap, host: String, port: Int) async throws(GatewayError) -> any Channel {
        let address = try ListenAddress.resolve(host: host, port: port)
        do {
            return try await bootstrap.bind(to: address).get()
        } catch let error as IOError {
            throw GatewayError(listeningOn: ListenAddress.text(address), errno: error.errnoCode)
        } catch {
            throw .cannotListen(address: ListenAddress.text(address), reason: "\(error)")
        }
    }

    private static func addHTTPHandlers(to channel: any Channel, upgraders: [NIOWebSocketServerUpgrader]) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 64 * 1024
        // Requests are answered within `channelRead`, so their answers are in order without further help, and
        // with constant header fields, which need no validation.
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: upgraders.isEmpty ? nil : (upgraders: upgraders, completionHandler: { _ in }),
            withErrorHandling: true, withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: limits)
    }

    /// Requests are answered one by one, and upgraded by the handshake itself.
    private static func addOpenIMHandlers(to channel: any Channel, _ handshake: OpenIMHandshake) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(handshake.decoder)
        try pipeline.addHandler(handshake)
    }

    private func makeUpgrader(_ loops: ServedLoops) -> NIOWebSocketServerUpgrader {
        let status = status
        let registersFirst = configuration.registryDefect?.handshake == .behindQueue
        return NIOWebSocketServerUpgrader(
            // Control frames have their own limit of 125 bytes.
            maxFrameSize: max(125, configuration.maxMessageBytes), automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                let decision = UpgradeRequest.decide(head, isDraining: status.isDraining)
                guard case .accept = decision, !HTTPRouteHandler.isReserved(target: head.uri) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                let loop = loops.state(for: channel)
                guard registersFirst else { return Self.upgradeHeaders(of: channel, on: loop) }
                return Self.register(channel, head, on: loop)
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let loop = loops.state(for: channel)
                    let route = try pipeline.handler(type: HTTPRouteHandler.self)
                    let registered = route.handOver()
                    let session =
                        registered ?? loop.makeSession(account: AccountQuery(target: head.uri), channel: channel)
                    try pipeline.addHandler(
                        ConnectionHandler(session: session, loop: loop, isAdmitted: registered != nil))
                    _ = pipeline.removeHandler(route)
                }
            })
    }

    /// Puts the session into the register queue before the request is answered.
    private static func register(
        _ channel: any Channel, _ head: HTTPRequestHead, on loop: LoopState
    ) -> EventLoopFuture<HTTPHeaders?> {
        channel.eventLoop.makeCompletedFuture {
            let route = try channel.pipeline.syncOperations.handler(type: HTTPRouteHandler.self)
            let admission = channel.eventLoop.makePromise(of: Void.self)
            let session = loop.makeSession(
                account: AccountQuery(target: head.uri), channel: channel, admission: admission)
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            loop.awaitAdmission(of: channel)
            route.await(session)
            loop.registry.register(session)
            return admission.futureResult.assumeIsolated().flatMapThrowing {
                try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
                // Kicked meanwhile, or given up.
                guard !session.isClosed, !route.isInputClosed else { throw ChannelError.inputClosed }
                return [:]
            }.nonisolated()
        }.flatMap { $0 }
    }

    /// Those of the 101: none, at once unless handshakes are slow.
    private static func upgradeHeaders(of channel: any Channel, on loop: LoopState) -> EventLoopFuture<HTTPHeaders?> {
        guard let delay = loop.defects?.handshakeDelay() else {
            return channel.eventLoop.makeSucceededFuture([:])
        }
        loop.expectUpgrade(of: channel, after: delay)
        return channel.eventLoop.scheduleTask(in: .nanoseconds(delay.wholeNanoseconds)) { [:] }.futureResult
    }
}
