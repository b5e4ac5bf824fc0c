internal import Logging
internal import NIOCore
internal import NIOWebSocket

/// A WebSocket connection from its upgrade to its end.
///
///     state      frame                       admitted    kick, go away     peer's close        fault
///     waiting    kept, reading pauses        open        → closing         (kept)              → lingering
///     open       answered                    -           → closing         answered → ended    → lingering
///     closing    dropped                     -           -                 → ended             → lingering
///     lingering  dropped                     -           -                 -                   -
///     ended      dropped                     -           -                 -                   -
///     stuck      dropped, reading pauses     -           -                 -                   -
///
/// A hub that has kicked a session then finishes it: `waiting`, `open` and `closing` → `lingering`.
///
/// `closing`: our close frame is out, the peer's is awaited. `lingering`: nothing more is sent, the output is
/// shut down; what still comes is read and dropped, since closing a socket with unread bytes would reset the
/// connection and could destroy the close frame on its way (RFC 6455 §7.1.1). Both have a deadline. `stuck`: of
/// ``Defect/stopReading(after:share:)``, for good.
///
/// One flush per batch of reads. While the peer does not read what is sent to it, it is not read either.
final class ConnectionHandler {
    enum State {
        case waiting
        case open
        case closing
        case lingering
        case ended
        case stuck
    }

    /// Owned by `LoopState`.
    var indexInLoop = 0

    let loop: LoopState
    let session: Session
    /// nil unless the gateway's defects have chosen this connection.
    let faults: ConnectionFaults?
    /// nil: the gateway answers messages itself.
    var replies: ReplyQueue?
    private(set) var context: ChannelHandlerContext?
    private(set) var state: State
    var assembler = MessageAssembler()
    /// Frames that came before the admission.
    private var kept: [WebSocketFrame] = []
    var needsFlush = false
    /// Only where somebody may wait for them.
    var writes: BlockedWrites?
    /// A read was asked for while reading was paused.
    private var owesRead = false
    private var closeCode = CloseCode.abnormal
    private var closeInitiator = CloseInitiator.peer

    /// The peer sends no more; known only while the socket is held until the admission.
    private var isInputClosed = false

    /// - Parameter isAdmitted: the session has been registered before the upgrade.
    init(session: Session, loop: LoopState, isAdmitted: Bool = false) {
        self.session = session
        self.loop = loop
        state = isAdmitted ? .open : .waiting
        faults = loop.defects?.faultsOfNextConnection()
        replies = loop.messageCalls == nil ? nil : ReplyQueue()
        writes = loop.registry.hasWriteLocks ? BlockedWrites() : nil
    }

    var sessionID: UInt64 { session.id }
    var account: String { session.account }

    private var metadata: Logger.Metadata {
        ["session": .stringConvertible(Int(session.id)), "account": .string(session.account)]
    }

    private var isReadingPaused: Bool {
        guard let context else { return false }
        switch state {
        case .waiting: return !kept.isEmpty
        case .open: return !context.channel.isWritable || replies?.isFull == true
        case .closing: return !context.channel.isWritable
        case .lingering, .ended: return false
        case .stuck: return true
        }
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}

// MARK: Events of the channel

extension ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        loop.clearDeadline(of: context.channel)
        faults?.prepare(context.channel)
        loop.counters.handshakes.add(1)
        loop.connectionLog?.debug("session opened", metadata: metadata)
        if state == .waiting {
            if loop.registry.holdsUnadmittedSockets {
                setHoldsSocket(true, context)
            }
            loop.registry.register(session)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state = .ended
        self.context = nil
        kept = []
        loop.remove(self)
        if writes?.end() == true {
            loop.registry.writeEnded(session)
        }
        loop.counters.countClose(code: closeCode, initiator: closeInitiator)
        loop.connectionLog?.debug(
            "session ended", metadata: metadata.merging(["code": .stringConvertible(Int(closeCode))]) { $1 })
        loop.registry.unregister(session)
        // Last: a shutdown that waits for this stops the registry next.
        loop.connectionClosed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        switch state {
        case .waiting: kept.append(frame)
        case .open, .closing: take(frame, context)
        case .lingering, .ended, .stuck: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded(context)
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
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case SessionEvent.admitted: admit(context)
        case SessionEvent.kicked: startClosing(CloseCode.replaced, "replaced by a newer login")
        case SessionEvent.finished: finish(context)
        case SessionEvent.goingAway: goAway()
        // The socket stays in CLOSE_WAIT.
        case ChannelEvent.inputClosed where faults != nil: break
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if state != .waiting { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.messageTooBig, context)
        case is NIOWebSocketError: fail(.badControlFrame, context)
        // Bytes behind the fault that ended the decoder.
        case is ByteToMessageDecoderError: break
        default: context.close(promise: nil)
        }
    }
}

// MARK: Admission and messages

extension ConnectionHandler {
    private func admit(_ context: ChannelHandlerContext) {
        guard state == .waiting else { return }
        state = .open
        let frames = kept
        kept = []
        for frame in frames where state == .open {
            take(frame, context)
        }
        flushIfNeeded(context)
        resumeReading(context)
        if loop.registry.holdsUnadmittedSockets, faults == nil {
            setHoldsSocket(false, context)
            if isInputClosed { context.close(promise: nil) }
        }
    }

    /// Whether the socket outlives the peer's end of the connection, as one that nobody reads does.
    private func setHoldsSocket(_ holds: Bool, _ context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: holds)
    }

    private func take(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        if let faults, faults.hasStoppedReading {
            state = .stuck
            return writeHalf(of: frame, context)
        }
        if let fault = MessageAssembler.headerFault(of: frame) {
            return fail(fault, context)
        }
        switch frame.opcode {
        case .connectionClose:
            takeClose(frame, context)
        case .ping:
            guard state == .open else { return }
            loop.counters.pingsReceived.add(1)
            write(.pong, FrameBuffer.unmasking(frame, allocator: context.channel.allocator), context)
        case .pong:
            break
        default:
            takeData(frame, context)
        }
    }

    func resumeReading(_ context: ChannelHandlerContext) {
        guard owesRead, !isReadingPaused else { return }
        owesRead = false
        context.read()
    }
}

// MARK: Closing

extension ConnectionHandler: ServedConnection {
    /// Asks the peer to close since the gateway shuts down.
    func goAway() {
        startClosing(CloseCode.goingAway, "the gateway shuts down")
    }

    /// Ends the connection without a closing handshake.
    func cut() {
        context?.close(promise: nil)
    }

    func startClosing(_ code: UInt16, _ reason: StaticString) {
        guard let context, state == .waiting || state == .open else { return }
        guard !staysSilent() else { return resumeReading(context) }
        state = .closing
        closeCode = code
        closeInitiator = .gateway
        loop.expectClose(of: context.channel)
        writeClose(ClosePayload.make(code: code, reason: reason, allocator: context.channel.allocator), context)
        // The peer's close frame may be among them.
        let frames = kept
        kept = []
        for frame in frames where state == .closing {
            take(frame, context)
        }
        resumeReading(context)
    }

    /// Sends nothing more; the peer's end of the connection, or the deadline, closes the socket.
    private func finish(_ context: ChannelHandlerContext) {
        guard state == .waiting || state == .open || state == .closing else { return }
        state = .lingering
        kept = []
        loop.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
        resumeReading(context)
    }

    /// Whether no close frame is sent nor answered, ever, and the connection left as it is.
    private func staysSilent() -> Bool {
        guard let faults, faults.neverCloses else { return false }
        state = .lingering
        kept = []
        return true
    }

    private func takeClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard !staysSilent() else { return }
        let payload = FrameBuffer.unmasking(frame, allocator: context.channel.allocator)
        switch ClosePayload.parse(payload) {
        case .fault(let fault):
            fail(fault, context)
        case .code(let code):
            if state == .open {
                closeCode = code ?? CloseCode.noStatus
                let answer = code.map { ClosePayload.make(code: $0, reason: "", allocator: context.channel.allocator) }
                writeClose(answer ?? FrameBuffer.empty(payloadBytes: 0, allocator: context.channel.allocator), context)
            }
            state = .ended
            closeWhenWritten(context)
        }
    }

    /// Answers a fault with its close code; the connection ends without the peer's close frame (§7.1.7).
    func fail(_ fault: WireFault, _ context: ChannelHandlerContext) {
        switch state {
        case .lingering, .ended, .stuck:
            return
        case .waiting, .open:
            guard !staysSilent() else { return resumeReading(context) }
            closeCode = fault.closeCode
            closeInitiator = .gateway
            let payload = ClosePayload.make(
                code: fault.closeCode, reason: fault.reason, allocator: context.channel.allocator)
            state = .lingering
            writeClose(payload, context)
        case .closing:
            state = .lingering
        }
        kept = []
        loop.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
        resumeReading(context)
    }

    private func writeClose(_ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        write(.connectionClose, payload, context)
        flushIfNeeded(context)
    }

    /// Closes TCP first, as the server should (§7.1.1): at once if the close frame is out, else behind it.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if unsent == 0 {
            context.close(promise: nil)
        } else {
            loop.expectClose(of: context.channel)
            context.close(mode: .output, promise: nil)
        }
    }
}
