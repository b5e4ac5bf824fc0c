internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket

/// Opens the proxy's listening socket for clients.
struct ProxyListener: Sendable {
    let configuration: ProxyConfiguration
    let status: ProxyStatus

    func open(
        on group: any EventLoopGroup, state: @escaping @Sendable (any Channel) -> ProxyLoop
    ) async throws(GatewayError) -> any Channel {
        let upgrader = makeUpgrader(state)
        let status = status
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(counting: status.acceptErrors))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let loop = state(channel)
                    guard !loop.isDraining else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
                    try channel.pipeline.syncOperations.addHandler(UpgradeRefusal(on: loop, status: status))
                    loop.connectionOpened(channel)
                    channel.closeFuture.assumeIsolated().whenComplete { _ in loop.connectionClosed(channel) }
                }
            }
        let address = try ListenAddress.resolve(host: configuration.host, port: configuration.port)
        do {
            return try await bootstrap.bind(to: address).get()
        } catch let error as IOError {
            throw GatewayError(listeningOn: ListenAddress.text(address), errno: error.errnoCode)
        } catch {
            throw .cannotListen(address: ListenAddress.text(address), reason: "\(error)")
        }
    }

    private func makeUpgrader(_ state: @escaping @Sendable (any Channel) -> ProxyLoop) -> NIOWebSocketServerUpgrader {
        let status = status
        let openIM = configuration.openIM
        return NIOWebSocketServerUpgrader(
            maxFrameSize: configuration.frameLimit, automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                guard openIM?.refusal(of: head) == nil,
                    case .accept = UpgradeRequest.decide(head, isDraining: status.isDraining)
                else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                return channel.eventLoop.makeSucceededFuture([:])
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let loop = state(channel)
                    let side = RelaySide(.client, on: loop)
                    try pipeline.addHandler(side)
                    _ = pipeline.removeHandler(try pipeline.handler(type: UpgradeRefusal.self))
                    if let openIM, status.connections > openIM.connectionLimit {
                        return channel.close(promise: nil)
                    }
                    let account =
                        openIM == nil ? AccountQuery(target: head.uri) : OpenIMProxyLimits.account(of: head)
                    loop.upgraded(side, channel, account: account, target: head.uri)
                }
            })
    }
}

/// Answers a request that is no upgrade, and ends the connection.
private final class UpgradeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let loop: ProxyLoop
    private let status: ProxyStatus

    init(on loop: ProxyLoop, status: ProxyStatus) {
        self.loop = loop
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = Self.unwrapInboundIn(data) else { return }
        loop.counters.handshakesRefused.add(1)
        var refusal = UpgradeRequest.Refusal(
            status: .badRequest, hint: "an upgrade must be the first request of its connection")
        if let decided = loop.configuration.openIM?.refusal(of: head) {
            refusal = decided
        } else if case .refuse(let decided) = UpgradeRequest.decide(head, isDraining: status.isDraining) {
            refusal = decided
        }
        let body = context.channel.allocator.buffer(string: refusal.hint + "\n")
        var headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)",
            "Connection": "close",
        ]
        if refusal.status == .upgradeRequired {
            headers.add(name: "Upgrade", value: "websocket")
            headers.add(name: "Sec-WebSocket-Version", value: "13")
        }
        let response = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(response)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        // The peer's end of the connection, or the deadline, closes it.
        loop.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The request is answered like any other.
        if error is NIOWebSocketUpgradeError { return }
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension UpgradeRefusal: Sendable {}
