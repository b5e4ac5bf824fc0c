internal import NIOCore

/// Holds the peer's FIN back until bytes that came together with an HTTP upgrade have gone through the pipeline.
///
/// NIO's HTTP decoder hands such bytes on in a task of its own, when it is removed, and drops them if the end of the input
/// reaches it first. The first handler of its pipeline; for channels with half-closure.
final class LateInputEnd: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute { context.value.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }
}

@available(*, unavailable)
extension LateInputEnd: Sendable {}
