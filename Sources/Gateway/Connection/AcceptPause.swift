internal import NIOCore

/// Counts failed accepts and stops accepting for a moment after each.
///
/// Out of descriptors, the listening socket stays readable: without the pause the event loop would do nothing
/// but fail. NIO's own back-off is not asked in that case (it delays reads, and none is due).
final class AcceptPause {
    private static let pause = TimeAmount.milliseconds(100)

    private let acceptErrors: SingleWriterCounter

    init(counting acceptErrors: SingleWriterCounter) {
        self.acceptErrors = acceptErrors
    }
}

@available(*, unavailable)
extension AcceptPause: Sendable {}

extension AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else {
            context.fireErrorCaught(error)
            return
        }
        acceptErrors.add(1)
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: Self.pause) {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
