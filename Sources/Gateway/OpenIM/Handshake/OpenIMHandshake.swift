internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Takes HTTP requests on the gateway's port, where any path asks for a WebSocket connection, until one of them gets it.
///
/// The order of the checks is OpenIM's: connections, arguments, token, and only then whether the request is an upgrade.
/// While a token is being checked nothing is read.
final class OpenIMHandshake {
    private let loop: LoopState
    private let openIM: OpenIMLoop
    private let status: GatewayStatus
    private var context: ChannelHandlerContext?
    /// The one that takes requests; one before it may be on its way out of the pipeline.
    private(set) var decoder = OpenIMHandshake.makeDecoder()
    /// Not yet answered; the first is being so.
    private var heads = CircularBuffer<HTTPRequestHead>(initialCapacity: 1)
    /// Of the first.
    private var query: OpenIMQuery?
    private var isBusy = false
    private var isUpgraded = false
    /// The last answer has been sent.
    private var isOver = false
    /// A read was asked for while reading was paused.
    private var owesRead = false
    /// Registered, or about to be, before the upgrade is answered.
    private var awaited: Session?
    /// The peer sends no more; known only while a session is awaited.
    private var isInputClosed = false

    init(loop: LoopState, openIM: OpenIMLoop, status: GatewayStatus) {
        self.loop = loop
        self.openIM = openIM
        self.status = status
    }

    private var version: OpenIMVersion { openIM.configuration.version }
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
    private func answerNext() {
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
        guard query?.wantsResultAsMessage == true, let head = heads.first, OpenIMUpgradeFault.find(in: head) == nil
        else { return refuse(refusal) }
        loop.counters.handshakesRefused.add(1)
        upgrade(head) { context in
            self.sendResult(refusal, context)
        }
    }

    private func accept(user: String, platform: Int32, _ query: OpenIMQuery) {
        guard let head = heads.first, let context else { return }
        if let fault = OpenIMUpgradeFault.find(in: head) { return refuse(fault) }
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
        OpenIMAccept.headers(for: head, on: context.channel).assumeIsolated().whenComplete { result in
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

// MARK: Answers

extension OpenIMHandshake {
    private func refuse(_ refusal: OpenIMRefusal) {
        respond(.ok, contentType: "application/json; charset=utf-8", body: String(buffer: refusal.json))
    }

    /// As gorilla/websocket answers; 3.5.1 then writes its own error behind it.
    private func refuse(_ fault: OpenIMUpgradeFault) {
        var body = "\(fault.status.reasonPhrase)\n"
        if version == .v3_5_1 {
            body += String(buffer: OpenIMRefusal(code: 500, message: fault.reason, detail: "").json)
        }
        respond(
            fault.status, contentType: "text/plain; charset=utf-8", body: body,
            headers: [("Sec-Websocket-Version", "13"), ("X-Content-Type-Options", "nosniff")])
    }

    private func respond(
        _ status: HTTPResponseStatus, contentType: String, body: String, headers more: [(String, String)] = [],
        isLast: Bool = false
    ) {
        guard let context else { return }
        loop.counters.handshakesRefused.add(1)
        let head = heads.popFirst()
        let isLast = isLast || head?.isKeepAlive != true
        var headers: HTTPHeaders = ["Content-Type": contentType]
        for (name, value) in more { headers.add(name: name, value: value) }
        headers.add(name: "Date", value: HTTPDate.text())
        headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        if isLast { headers.add(name: "Connection", value: "close") }
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(response)), promise: nil)
        if head?.method != .HEAD {
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        query = nil
        isBusy = isLast
        guard !isLast else { return end(context) }
        if let head, head.asksForUpgrade { renewDecoder(context) }
        answerNext()
        if owesRead, !isBusy {
            owesRead = false
            context.read()
        }
    }

    /// The decoder stops for good behind a request that asks for an upgrade: another one goes on.
    private func renewDecoder(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let old = decoder
            decoder = Self.makeDecoder()
            try pipeline.addHandler(decoder, position: .after(old))
            _ = pipeline.removeHandler(old)
        } catch {
            context.close(promise: nil)
        }
    }

    private static func makeDecoder() -> ByteToMessageHandler<HTTPRequestDecoder> {
        var limits = NIOHTTPDecoderLimitConfiguration()
        // Go's limit for a request's head.
        limits.maxHeaderFieldSize = 1 << 20
        limits.maxHeaderListSize = 1 << 20
        return ByteToMessageHandler(
            HTTPRequestDecoder(
                leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop, limitConfiguration: limits))
    }

    /// Sends no more; the peer's end of the connection, or the deadline, closes it.
    private func end(_ context: ChannelHandlerContext) {
        isBusy = false
        isOver = true
        heads.removeAll()
        loop.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
        if owesRead { context.read() }
    }

    /// The result as the one message of the connection, whose TCP then ends without a close frame.
    private func sendResult(_ refusal: OpenIMRefusal, _ context: ChannelHandlerContext) {
        let text = refusal.json
        var frame = context.channel.allocator.buffer(capacity: 4 + text.readableBytes)
        if text.readableBytes < 126 {
            frame.writeMultipleIntegers(UInt8(0x81), UInt8(text.readableBytes))
        } else {
            frame.writeMultipleIntegers(UInt8(0x81), UInt8(126), UInt16(clamping: text.readableBytes))
        }
        frame.writeImmutableBuffer(text)
        guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return context.close(promise: nil)
        }
        encoder.writeAndFlush(NIOAny(frame)).assumeIsolated().whenComplete { _ in
            self.context?.close(promise: nil)
        }
    }
}
