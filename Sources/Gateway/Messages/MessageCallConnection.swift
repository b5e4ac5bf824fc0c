internal import NIOCore

/// A connection to the message service: one call at a time.
final class MessageCallConnection {
    private var context: ChannelHandlerContext?
    private var calls: MessageCalls?
    /// The call that it carries.
    private var current: UInt64?
    private let frames = NIOSingleStepByteToMessageProcessor(MessageFrameDecoder())

    /// Says hello.
    ///
    /// - Returns: `false` when the connection has ended already.
    func open(calls: MessageCalls, pushAddress: String) -> Bool {
        guard let context, context.channel.isActive else { return false }
        self.calls = calls
        write(.hello(pushAddress: pushAddress), context)
        return true
    }

    /// Call only on a connection that carries none.
    func send(_ request: MessageFrame, call: UInt64) {
        current = call
        guard let context else { return end() }
        write(request, context)
        context.flush()
    }

    func close() {
        context?.close(promise: nil)
    }

    private func write(_ frame: MessageFrame, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 64)
        frame.write(to: &buffer)
        context.write(Self.wrapOutboundOut(buffer), promise: nil)
    }

    private func end() {
        let calls = calls
        self.calls = nil
        calls?.connectionEnded(self, carrying: current)
    }
}

@available(*, unavailable)
extension MessageCallConnection: Sendable {}

extension MessageCallConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try frames.process(buffer: Self.unwrapInboundIn(data)) { answer in
                guard let call = current else { throw MessageFrame.Malformed.unexpected }
                current = nil
                calls?.take(answer, to: call, over: self)
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
