internal import Logging
internal import NIOCore
internal import NIOWebSocket

/// A WebSocket connection of OpenIM from its upgrade to its end.
///
/// It behaves like the goroutines of OpenIM's gateway: one reads, and handles one request at a time, whose answer it
/// awaits and writes before it reads on; pushes and kicks are written whenever they come; whoever writes waits until the
/// socket has taken all of it.
///
///     state      frame                    push       kick, fatal request, go away   peer's FIN
///     waiting    kept, reading pauses     written    → closing                      → ended, or noted
///     open       handled in order         written    → closing                      → closing, when all is handled
///     closing    dropped, not read        -          -                              -
///     lingering  dropped                  -          -                              → ended
///     stuck      dropped, not read        -          -                              -
///
/// `closing`: TCP is closed, without a close frame, once what has been written is through. `lingering`: a close frame
/// has gone out behind a fault, and what still comes is read and dropped, since closing a socket with unread bytes would
/// reset the connection and could destroy the frame on its way. `stuck`: of ``Defect/stopReading(after:share:)`` and
/// ``Defect/neverClose(share:)``.
final class OpenIMConnection {
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
    let openIM: OpenIMLoop
    let session: Session
    let query: OpenIMQuery
    let user: ByteBuffer
    private let login: OpenIMLogin
    let faults: ConnectionFaults?
    var context: ChannelHandlerContext?
    var state: State
    var assembler = MessageAssembler()
    /// Not yet handled.
    var inbox = CircularBuffer<WebSocketFrame>(initialCapacity: 1)
    private var isTakingInbox = false
    /// The request that the service has not answered yet.
    var request: ServedRequest?
    var lastRequest = 0
    var writes = PendingWrites()
    /// A read was asked for while reading was paused.
    private var owesRead = false
    /// The peer sends no more.
    var isInputClosed = false
    /// Nothing is read any more then.
    var readDeadline = NIODeadline.distantFuture
    private var nextPing = NIODeadline.distantFuture
    var closeCode = CloseCode.abnormal
    var closeInitiator = CloseInitiator.peer

    /// - Parameter isAdmitted: the session has been registered before the upgrade.
    init(
        session: Session, login: OpenIMLogin, query: OpenIMQuery, loop: LoopState, openIM: OpenIMLoop, isAdmitted: Bool
    ) {
        self.session = session
        self.login = login
        self.query = query
        self.loop = loop
        self.openIM = openIM
        user = ByteBuffer(string: session.user)
        state = isAdmitted ? .open : .waiting
        faults = loop.defects?.faultsOfNextConnection()
    }

    var version: OpenIMVersion { openIM.configuration.version }

    /// Whether the reader waits for an answer, or for the socket to take what it has written.
    private var isBusy: Bool { request != nil || writes.ofReader > 0 }

    private var isReadingPaused: Bool {
        switch state {
        case .waiting: !inbox.isEmpty
        case .open: isBusy || !inbox.isEmpty
        case .closing, .stuck: true
        case .lingering, .ended: false
        }
    }

    private var metadata: Logger.Metadata {
        [
            "session": .stringConvertible(Int(session.id)), "account": .string(session.user),
            "platform": .stringConvertible(session.platform),
        ]
    }
}

@available(*, unavailable)
extension OpenIMConnection: Sendable {}

// MARK: Events of the channel

extension OpenIMConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        openIM.add(self)
        loop.clearDeadline(of: context.channel)
        // The reader finds the peer's end when it comes to it, not before.
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        loop.counters.handshakes.add(1)
        loop.connectionLog?.debug("session opened", metadata: metadata)
        if query.wantsResultAsMessage {
            write(.text, FrameBuffer.copying(OpenIMRefusal.none.json, context.channel.allocator), byReader: false)
        }
        if state == .waiting {
            loop.registry.register(session)
        } else {
            startReading()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state = .ended
        self.context = nil
        inbox.removeAll()
        request = nil
        loop.remove(self)
        openIM.remove(self)
        writesEnded()
        login.ended()
        loop.registry.online.subscriptions.end(session)
        loop.counters.countClose(code: closeCode, initiator: closeInitiator)
        loop.connectionLog?.debug(
            "session ended", metadata: metadata.merging(["code": .stringConvertible(Int(closeCode))]) { $1 })
        loop.registry.unregister(session)
        // Last: a shutdown that waits for this stops the registry next.
        loop.connectionClosed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state == .waiting || state == .open else { return }
        inbox.append(Self.unwrapInboundIn(data))
        takeInbox()
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            owesRead = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case SessionEvent.admitted:
            guard state == .waiting else { return }
            state = .open
            startReading()
        case SessionEvent.registered(let replacing):
            login.began(kicksOtherTokens: replacing && openIM.configuration.loginPolicy != .kickSameClass)
        case SessionEvent.push(let operationID, let data): push(operationID: operationID, data)
        case SessionEvent.statusChanged(let data): tellStatus(data)
        case SessionEvent.kicked(let cause):
            login.kicked(for: cause, policy: openIM.configuration.loginPolicy)
            kick()
        case SessionEvent.finished, SessionEvent.goingAway: end(by: .gateway)
        case ChannelEvent.inputClosed: inputClosed(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.messageTooBig)
        case is NIOWebSocketError: fail(.badControlFrame)
        // Bytes behind the fault that ended the decoder.
        case is ByteToMessageDecoderError: break
        default: context.close(promise: nil)
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        // The socket stays in CLOSE_WAIT.
        guard faults == nil else { return }
        isInputClosed = true
        switch state {
        case .waiting:
            if !loop.registry.holdsUnadmittedSockets { context.close(promise: nil) }
        case .open: takeInbox()
        case .lingering, .ended: context.close(promise: nil)
        case .closing, .stuck: break
        }
    }
}

// MARK: The reader

extension OpenIMConnection {
    private func startReading() {
        extendReadDeadline()
        if version == .v3_8_3, session.platform == OpenIMPlatform.web { schedulePing() }
        takeInbox()
    }

    func extendReadDeadline() {
        readDeadline = .now() + .nanoseconds(openIM.configuration.readTimeout.wholeNanoseconds)
    }

    /// Handles what has come, as far as the reader gets without waiting.
    func takeInbox() {
        guard !isTakingInbox else { return }
        isTakingInbox = true
        while state == .open, !isBusy, let frame = inbox.popFirst() {
            if let faults, faults.hasStoppedReading {
                state = .stuck
            } else {
                take(frame)
            }
        }
        isTakingInbox = false
        if isInputClosed, state == .open, !isBusy, inbox.isEmpty { return end(by: .peer) }
        resumeReading()
    }

    func resumeReading() {
        guard owesRead, !isReadingPaused, let context else { return }
        owesRead = false
        context.read()
    }

    private func take(_ frame: WebSocketFrame) {
        guard let context else { return }
        if let fault = MessageAssembler.headerFault(of: frame) { return fail(fault) }
        switch frame.opcode {
        case .connectionClose: takeClose(frame, context)
        case .ping:
            loop.counters.pingsReceived.add(1)
            extendReadDeadline()
            // 3.5.1 does not look at what was sent.
            let payload =
                version == .v3_5_1
                ? FrameBuffer.empty(payloadBytes: 0, allocator: context.channel.allocator)
                : FrameBuffer.unmasking(frame, allocator: context.channel.allocator)
            write(.pong, payload, byReader: true)
        case .pong:
            if version == .v3_8_3 { extendReadDeadline() }
        default: takeData(frame, context)
        }
    }

    /// Looks at the deadlines; called a few times a second.
    func checkTime(_ now: NIODeadline) {
        if writes.deadline <= now {
            // The write fails, and with it every later one.
            cut()
            return
        }
        guard state == .open else { return }
        if !isBusy, readDeadline <= now { return end(by: .gateway) }
        if nextPing <= now, let context {
            schedulePing()
            write(.ping, FrameBuffer.empty(payloadBytes: 0, allocator: context.channel.allocator), byReader: false)
        }
    }

    private func schedulePing() {
        nextPing = .now() + .nanoseconds(openIM.configuration.pingInterval.wholeNanoseconds)
    }
}
