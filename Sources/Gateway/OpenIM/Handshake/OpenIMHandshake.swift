internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Takes HTTP requests on the gateway's port, where any path asks for a WebSocket connection, until one of them gets it.
///
/// The order of the checks is OpenIM's: connections, arguments, token, and only then whether the request is an upgrade.
/// While a token is being checked nothing is read.
final class OpenIMHandshake {
    let loop: LoopState
    let openIM: OpenIMLoop
    private let status: GatewayStatus
    var context: ChannelHandlerContext?
    /// The one that takes requests; one before it may be on its way out of the pipeline.
    var decoder = OpenIMHandshake.makeDecoder()
    /// Not yet answered; the first is being so.
    var heads = CircularBuffer<HTTPRequestHead>(initialCapacity: 1)
    /// Of the first.
    var query: OpenIMQuery?
    var isBusy = false
    private var isUpgraded = false
    /// The last answer has been sent.
    var isOver = false
    /// A read was asked for while reading was paused.
    var owesRead = false
    /// Registered, or about to be, before the upgrade is answered.
    private var awaited: Session?
    /// The peer sends no more; known only while a session is awaited.
    private var isInputClosed = false

    init(loop: LoopState, openIM: OpenIMLoop, status: GatewayStatus) {
        self.loop = loop
        self.openIM = openIM
        self.status = status
    }

    var version: OpenIMVersion { openIM.configuration.version }
}

@available(*, unavailable)
extension OpenIMHandshake: Sendable {}

// MARK: Events of the channel

extension OpenIMHandshake: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.connectionOpened(context.channel)
        // OpenIM waits for a request as long as the client likes.
        loop.awaitAdmission(of: context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        guard !isUpgraded else { return }
        if let awaited { loop.registry.unregister(awaited) }
        loop.connectionClosed(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if awaited != nil, case ChannelEvent.inputClosed = event { isInputClosed = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): heads.append(head)
        case .body: break
        case .end where isOver: heads.removeAll()
        case .end: answerNext()
        }
    }

    func read(context: ChannelHandlerContext) {
        if isBusy {
            owesRead = true
        } else {
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isBusy, !isOver else { return context.close(promise: nil) }
        respond(.badRequest, contentType: "text/plain; charset=utf-8", body: "400 Bad Request", isLast: true)
    }
}

// MARK: Checks

extension OpenIMHandshake: MessageCaller {
    func answerNext() {
        guard !isBusy, !isUpgraded, let head = heads.first else { return }
        guard !status.isDraining else {
            return respond(
                .serviceUnavailable, contentType: "text/plain; charset=utf-8", body: "draining\n", isLast: true)
        }
        guard status.registryCounters.sessions.value < openIM.configuration.connectionLimit else {
            return refuse(.tooManyConnections(version))
        }
        guard let query = OpenIMQuery(target: head.uri, headers: head.headers, version: version) else {
            return refuse(.badArguments(version))
        }
        self.query = query
        isBusy = true
        var payload = ByteBuffer()
        ServiceCall.checkToken(query.token).write(to: &payload)
        loop.messageCalls?.call(payload, number: 0, of: self)
    }

    var sessionID: UInt64 { 0 }
    var account: String { "" }

    func takeReply(to number: Int, _ payload: ByteBuffer) {
        guard context != nil, let query else { return }
        var payload = payload
        guard var answer = try? ServiceAnswer.read(from: &payload) else {
            return tokenRefused(.tokenServiceUnreachable(version))
        }
        guard answer.errorCode == 0 else {
            return tokenRefused(
                OpenIMRefusal(code: answer.errorCode, message: answer.errorMessage, detail: answer.errorDetail))
        }
        guard let user = try? answer.data.takeText(), let platform = try? answer.data.takeNumber(Int32.self) else {
            return tokenRefused(.tokenServiceUnreachable(version))
        }
        guard user == query.user else {
            return refuse(.tokenOfSomeoneElse("token uid \(user) != userID \(query.user)", version))
        }
        guard Int(platform) == query.platform else {
            return refuse(.tokenOfSomeoneElse("token platform \(platform) != \(query.platform)", version))
        }
        accept(user: user, platform: platform, query)
    }

    func callFailed(_ number: Int) {
        guard context != nil else { return }
        tokenRefused(.tokenServiceUnreachable(version))
    }

    private func tokenRefused(_ refusal: OpenIMRefusal) {
        guard query?.wantsResultAsMessage == true, let head = heads.first,
            OpenIMUpgradeFault.find(in: head, version) == nil
        else { return refuse(refusal) }
        loop.counters.handshakesRefused.add(1)
        upgrade(head) { context in
            self.sendResult(refusal, context)
        }
    }

    private func accept(user: String, platform: Int32, _ query: OpenIMQuery) {
        guard let head = heads.first, let context else { return }
        if let fault = OpenIMUpgradeFault.find(in: head, version) { return refuse(fault) }
        guard let delay = loop.defects?.handshakeDelay() else {
            return register(user: user, platform: platform, query, head, context)
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.wholeNanoseconds)) {
            guard let context = self.context else { return }
            self.register(user: user, platform: platform, query, head, context)
        }
    }

    // MARK: The session

    private func register(
        user: String, platform: Int32, _ query: OpenIMQuery, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        let login = OpenIMLogin(user: user, platform: platform, token: query.token, calls: loop.messageCalls)
        let rule = OpenIMLoginRule(user: user, platform: platform, openIM.configuration)
        guard loop.configuration.registryDefect?.handshake == .behindQueue else {
            let session = loop.makeSession(of: login, rule, channel: context.channel)
            return connect(session, login, query, head, isAdmitted: false)
        }
        let admission = context.eventLoop.makePromise(of: Void.self)
        let session = loop.makeSession(of: login, rule, channel: context.channel, admission: admission)
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        awaited = session
        loop.registry.register(session)
        admission.futureResult.assumeIsolated().whenComplete { _ in
            guard let context = self.context else { return }
            guard !self.isInputClosed else { return context.close(promise: nil) }
            self.connect(session, login, query, head, isAdmitted: true)
        }
    }

    private func connect(
        _ session: Session, _ login: OpenIMLogin, _ query: OpenIMQuery, _ head: HTTPRequestHead, isAdmitted: Bool
    ) {
        upgrade(head) { context in
            let connection = OpenIMConnection(
                session: session, login: login, query: query, loop: self.loop, openIM: self.openIM,
                isAdmitted: isAdmitted)
            self.handOver(to: connection, context)
        }
    }

    /// Sends the 101.
    private func upgrade(_ head: HTTPRequestHead, then next: @escaping (ChannelHandlerContext) -> Void) {
        guard let context else { return }
        isBusy = true
        OpenIMAccept.headers(for: head, version, on: context.channel).assumeIsolated().whenComplete { result in
            guard let context = self.context else { return }
            guard case .success(let headers) = result else { return context.close(promise: nil) }
            let response = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
            context.write(Self.wrapOutboundOut(.head(response)), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            next(context)
        }
    }

    /// Puts the handlers of WebSocket in the place of HTTP's.
    private func handOver(to connection: OpenIMConnection, _ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let channel = context.channel
        let maxFrameBytes = max(125, openIM.configuration.maxMessageBytes)
        do {
            _ = pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self))
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maxFrameBytes)))
            isUpgraded = true
            awaited = nil
            try pipeline.addHandler(connection)
            _ = pipeline.removeHandler(context: context)
            // Last: what came behind the request is a frame's.
            _ = pipeline.removeHandler(decoder)
        } catch {
            channel.close(promise: nil)
        }
        if owesRead { channel.read() }
    }
}
