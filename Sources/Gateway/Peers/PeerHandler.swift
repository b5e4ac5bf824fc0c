internal import NIOCore

/// One connection of another gateway to the internal port: greets, and answers each login check when it is queued.
final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: ByteBuffer
    private let registry: any SessionRegistry
    private var received = ByteBuffer()

    init(greeting: ByteBuffer, registry: any SessionRegistry) {
        self.greeting = greeting
        self.registry = registry
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(greeting), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        do {
            while let content = try PeerFrame.takeContent(from: &received) {
                guard let login = PeerFrame.parseRequest(content) else {
                    return context.close(promise: nil)
                }
                let channel = context.channel
                registry.check(login) {
                    channel.writeAndFlush(PeerFrame.answer, promise: nil)
                }
            }
        } catch {
            return context.close(promise: nil)
        }
        received.discardReadBytes()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension PeerHandler: Sendable {}
