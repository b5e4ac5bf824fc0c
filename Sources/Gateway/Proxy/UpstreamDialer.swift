internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket

/// Connects clients to their gateways.
struct UpstreamDialer: Sendable {
    private let addresses: [SocketAddress]
    private let ring: ConsistentHashRing
    private let maxFrameBytes: Int
    private let connectTimeout: TimeAmount

    /// - Throws: ``GatewayError/serviceNotFound(host:)``.
    init(_ configuration: ProxyConfiguration) throws(GatewayError) {
        var addresses: [SocketAddress] = []
        for upstream in configuration.upstreams {
            guard let parts = HostAndPort(upstream),
                let address = try? SocketAddress.makeAddressResolvingHost(parts.host, port: parts.port)
            else { throw .serviceNotFound(host: upstream) }
            addresses.append(address)
        }
        self.addresses = addresses
        ring = ConsistentHashRing(count: addresses.count)
        maxFrameBytes = configuration.frameLimit
        connectTimeout = .nanoseconds(configuration.upstreamTimeout.wholeNanoseconds)
    }

    /// Dials the gateway of an account; whoever names none gets any, by chance.
    ///
    /// `loop` is told what comes of it.
    func dial(
        for client: RelaySide, of account: AccountQuery, target: String, on loop: ProxyLoop, _ eventLoop: any EventLoop
    ) {
        let address =
            if case .account(let name) = account {
                addresses[ring.node(for: name)]
            } else {
                addresses[Int.random(in: 0..<addresses.count)]
            }
        let relay = NIOLoopBound((client: client, loop: loop), eventLoop: eventLoop)
        let maxFrameBytes = maxFrameBytes
        ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (client, loop) = relay.value
                    let upgrader = NIOWebSocketClientUpgrader(
                        maxFrameSize: maxFrameBytes, automaticErrorHandling: false
                    ) { channel, _ in
                        channel.eventLoop.makeCompletedFuture { try Self.upgraded(channel, relay.value) }
                    }
                    let pipeline = channel.pipeline.syncOperations
                    // What the gateway sends right behind its 101 belongs to the client, even if it ends with that: a kick.
                    try pipeline.addHandler(LateInputEnd())
                    try pipeline.addHTTPClientHandlers(
                        leftOverBytesStrategy: .forwardBytes, enableOutboundHeaderValidation: true,
                        withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
                    try pipeline.addHandler(
                        UpstreamRequest(target: target, host: ListenAddress.text(address)) {
                            loop.upstreamFailed(for: client)
                        })
                }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): loop.upstreamOpened(channel, for: client)
                case .failure: loop.upstreamFailed(for: client)
                }
            }
    }

    private static func upgraded(_ channel: any Channel, _ relay: (client: RelaySide, loop: ProxyLoop)) throws {
        let pipeline = channel.pipeline.syncOperations
        let request = try pipeline.handler(type: UpstreamRequest.self)
        let upstream = RelaySide(.upstream, on: relay.loop)
        try pipeline.addHandler(upstream)
        request.handOver()
        _ = pipeline.removeHandler(request)
        relay.loop.upstreamUpgraded(upstream, for: relay.client)
    }
}

/// Sends the upgrade request to a gateway; any answer but 101 is a failure.
private final class UpstreamRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let target: String
    private let host: String
    private var failed: (() -> Void)?

    init(target: String, host: String, failed: @escaping () -> Void) {
        self.target = target
        self.host = host
        self.failed = failed
    }

    /// The connection is a `RelaySide`'s from now on.
    func handOver() {
        failed = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        // The upgrader adds the fields of RFC 6455 §4.1.
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: ["Host": host])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, failed != nil {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        failed?()
        failed = nil
    }
}

@available(*, unavailable)
extension UpstreamRequest: Sendable {}
