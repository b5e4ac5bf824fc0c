internal import NIOCore
internal import NIOPosix
internal import NIOWebSocket

/// One of the two connections of a relay: the client's or the gateway's. Both live on one event loop.
///
/// Frames go over one by one, masked anew towards the gateway (RFC 6455 §5.3). A side is read only while the other
/// takes what comes; until the gateway's connection is there, the client's is read no further than one batch of frames.
///
/// The end of one side ends the other: with RST, or, if close frames are relayed and one has been, with FIN.
final class RelaySide {
    enum Peer {
        case client
        case upstream
    }

    let peer: Peer
    private let loop: ProxyLoop
    private(set) var context: ChannelHandlerContext?
    /// nil: not there yet, or gone.
    private var other: RelaySide?
    /// Frames for the other side that came before it.
    private var kept: [WebSocketFrame] = []
    private var needsFlush = false
    /// Frames written whose bytes the socket has not taken; only where there is a limit to them.
    private var queued = 0
    /// A read was asked for while reading was paused.
    private var owesRead = false
    /// A close frame has been sent on this connection; nothing follows it.
    private var hasSentClose = false
    private var isOver = false

    init(_ peer: Peer, on loop: ProxyLoop) {
        self.peer = peer
        self.loop = loop
    }

    /// Joins a client's side with its gateway's, and relays what has come so far.
    ///
    /// - Returns: `false` when the client has gone.
    func join(_ upstream: RelaySide) -> Bool {
        guard !isOver, other == nil, let context else { return false }
        other = upstream
        upstream.other = self
        let frames = kept
        kept = []
        for frame in frames {
            forward(frame)
        }
        upstream.flushIfNeeded()
        resumeReading(context)
        return true
    }

    private var isWritable: Bool { context?.channel.isWritable ?? true }

    private var isReadingPaused: Bool {
        // Where frames in the queues are counted instead, both sides are read as fast as they send.
        if isOver || loop.configuration.openIM != nil { return false }
        guard let other else { return !kept.isEmpty }
        return !other.isWritable
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard owesRead, !isReadingPaused else { return }
        owesRead = false
        context.read()
    }
}

@available(*, unavailable)
extension RelaySide: Sendable {}

// MARK: Events of the channel

extension RelaySide: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isOver = true
        self.context = nil
        kept = []
        loop.sideEnded(self)
        let other = other
        self.other = nil
        other?.other = nil
        other?.otherEnded(inOrder: loop.configuration.relaysClose && (hasSentClose || other?.hasSentClose == true))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        guard !isOver else { return }
        guard (frame.maskKey != nil) == (peer == .client) else { return reset() }
        if frame.opcode == .connectionClose, !loop.configuration.relaysClose {
            isOver = true
            context.close(promise: nil)
        } else {
            forward(frame)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other?.flushIfNeeded()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            owesRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if let other, let otherContext = other.context {
            other.resumeReading(otherContext)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

// MARK: Frames

extension RelaySide {
    private func forward(_ frame: WebSocketFrame) {
        guard let other else {
            kept.append(frame)
            if let limits = loop.configuration.openIM, kept.count > limits.maxWaitingForUpstream { reset() }
            return
        }
        switch peer {
        case .client: loop.counters.framesToUpstream.add(1)
        case .upstream: loop.counters.framesToClients.add(1)
        }
        other.send(frame)
    }

    private func send(_ frame: WebSocketFrame) {
        guard let context, !hasSentClose else { return }
        hasSentClose = frame.opcode == .connectionClose
        var copy = frame
        switch peer {
        case .client:
            copy.maskKey = nil
        case .upstream:
            copy.data = FrameBuffer.unmasking(frame, allocator: context.channel.allocator)
            copy.maskKey = loop.nextMaskKey()
        }
        needsFlush = true
        guard let limits = loop.configuration.openIM else {
            return context.write(Self.wrapOutboundOut(copy), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.queued -= 1 }
        queued += 1
        context.write(Self.wrapOutboundOut(copy), promise: written)
        let limit = peer == .client ? limits.maxToClient : limits.maxToUpstream
        guard queued > limit else { return }
        flushIfNeeded()
        if queued > limit { reset() }
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }
}

// MARK: Ends

extension RelaySide {
    /// Asks a client to close since the proxy shuts down; its answer goes on to the gateway.
    func goAway() {
        guard let context, !hasSentClose else { return }
        hasSentClose = true
        let payload = ClosePayload.make(
            code: CloseCode.goingAway, reason: "the proxy shuts down", allocator: context.channel.allocator)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil)
        if other == nil { loop.expectClose(of: context.channel) }
    }

    /// Ends the connection with RST.
    func reset() {
        guard let context else { return }
        isOver = true
        loop.reset(context.channel)
    }

    /// - Parameter inOrder: the end follows a closing handshake, or one that has begun.
    private func otherEnded(inOrder: Bool) {
        guard let context, !isOver else { return }
        // What the other side said last may stand here unsent: a kick, and then the end.
        flushIfNeeded()
        guard inOrder else { return reset() }
        isOver = true
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if unsent == 0 {
            context.close(promise: nil)
        } else {
            loop.expectClose(of: context.channel)
            context.close(mode: .output, promise: nil)
        }
    }
}
