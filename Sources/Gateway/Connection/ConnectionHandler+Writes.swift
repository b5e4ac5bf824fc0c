internal import NIOCore
internal import NIOWebSocket

extension ConnectionHandler {
    func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        needsFlush = true
        context.write(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: payload)),
            promise: promiseOfNextWrite(context))
    }

    /// nil: nobody asks whether the write gets through.
    private func promiseOfNextWrite(_ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        guard writes != nil else { return nil }
        writes?.begin()
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            guard writes?.complete() == true else { return }
            loop.registry.writeEnded(session)
            // A connection that closes has another deadline by then.
            if state == .open, let context = self.context { loop.clearDeadline(of: context.channel) }
        }
        return promise
    }

    func flushIfNeeded(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
        if writes?.areBlocked() == true {
            loop.registry.writeBlocked(session)
            if state == .open { loop.expectWrite(on: context.channel) }
        }
    }
}
