internal import NIOCore
internal import NIOPosix

/// Where a gateway takes the replies that the message service sends as pushes.
enum PushListener {
    /// Listens on a port of the kernel's choice.
    static func open(
        host: String, on group: any EventLoopGroup, loops: ServedLoops, orders: GatewayOrders
    ) async throws(GatewayError) -> any Channel {
        let address = try ListenAddress.resolve(host: host, port: 0)
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4096)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(PushHandler(loops, orders))
                    }
                }
                .bind(to: address).get()
        } catch let error as IOError {
            throw GatewayError(listeningOn: ListenAddress.text(address), errno: error.errnoCode)
        } catch {
            throw .cannotListen(address: ListenAddress.text(address), reason: "\(error)")
        }
    }
}

/// A connection on which the message service sends pushes.
private final class PushHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let loops: ServedLoops
    private let orders: GatewayOrders
    private let frames = NIOSingleStepByteToMessageProcessor(MessageFrameDecoder())

    init(_ loops: ServedLoops, _ orders: GatewayOrders) {
        self.loops = loops
        self.orders = orders
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try frames.process(buffer: Self.unwrapInboundIn(data)) { frame in
                switch frame {
                case .push(_, let call, let payload):
                    loops.onLoop(ofCall: call) { $0.messageCalls?.takePush(call: call, payload: payload) }
                case .order(var payload):
                    let done = orders.carryOut(try GatewayOrder.read(from: &payload))
                    var answer = context.channel.allocator.buffer(capacity: 16)
                    MessageFrame.done(done).write(to: &answer)
                    context.write(Self.wrapOutboundOut(answer), promise: nil)
                default: throw MessageFrame.Malformed.unexpected
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension PushHandler: Sendable {}
