internal import NIOCore
internal import NIOWebSocket
internal import SwiftProtobuf

/// A request that the service has been asked about.
struct ServedRequest {
    /// Of the call.
    var number: Int
    var request: OpenIMRequest
    /// What a good answer makes of the session; nil: nothing.
    var setsBackground: Bool?
}

// MARK: Messages

extension OpenIMConnection: MessageCaller {
    var sessionID: UInt64 { session.id }
    var account: String { session.user }

    func takeData(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        let result = assembler.append(
            frame, maxBytes: openIM.configuration.maxMessageBytes, allocator: context.channel.allocator)
        switch result {
        case .incomplete: break
        // Text is not looked at as such.
        case .fault(.invalidUTF8): end(by: .gateway)
        case .fault(let fault): fail(fault)
        case .message(.text, let text): takeText(text, context)
        case .message(_, let payload): takeRequest(payload)
        }
    }

    private func takeText(_ text: ByteBuffer, _ context: ChannelHandlerContext) {
        guard version == .v3_8_3, let ping = TextPing.parse(text) else { return end(by: .gateway) }
        extendReadDeadline()
        if case .ping(let answer) = ping {
            write(.text, FrameBuffer.copying(answer, context.channel.allocator), byReader: true)
        }
    }

    private func takeRequest(_ payload: ByteBuffer) {
        extendReadDeadline()
        loop.counters.messagesReceived.add(1)
        loop.counters.bytesReceived.add(payload.readableBytes)
        loop.defects?.messageTaken()
        guard let request = try? query.encoding.decode(payload, gzip: openIM.gzip), request.sendID == user,
            isKnown(request.identifier)
        else { return end(by: .gateway) }
        if request.operationID.readableBytes == 0, let refusal = refusalWithoutOperationID(request.identifier) {
            return respond(to: request, code: refusal.code, message: refusal.message)
        }
        switch request.identifier {
        case OpenIMOperation.logout: respond(to: request)
        // The gateway hands on a message that it has never read.
        case OpenIMOperation.sendSignal: respond(to: request, code: 1001, message: "ArgsError")
        default: perform(request)
        }
    }

    private func isKnown(_ identifier: Int32) -> Bool {
        switch identifier {
        case OpenIMOperation.newestSequence, OpenIMOperation.pullByRange, OpenIMOperation.sendMessage,
            OpenIMOperation.sendSignal, OpenIMOperation.logout, OpenIMOperation.setBackground:
            true
        case OpenIMOperation.pullBySequence, OpenIMOperation.readAndMaxSequence, OpenIMOperation.lastMessage,
            OpenIMOperation.subscribe:
            version == .v3_8_3
        default: false
        }
    }

    /// The gateway itself checks some requests, 3.5.1's services refuse the others.
    private func refusalWithoutOperationID(_ identifier: Int32) -> (code: Int, message: String)? {
        switch identifier {
        case OpenIMOperation.pullByRange, OpenIMOperation.pullBySequence, OpenIMOperation.readAndMaxSequence,
            OpenIMOperation.setBackground:
            (500, "operationID is required")
        default: version == .v3_5_1 ? (3, "operationID error") : nil
        }
    }
}

// MARK: The service's answer

extension OpenIMConnection {
    private func perform(_ request: OpenIMRequest) {
        guard let calls = loop.messageCalls else { return end(by: .gateway) }
        lastRequest += 1
        var served = ServedRequest(number: lastRequest, request: request)
        if request.identifier == OpenIMOperation.setBackground {
            served.setsBackground = BackgroundStatus.parse(request.data)
        }
        if request.identifier == OpenIMOperation.subscribe { subscribe(request.data) }
        self.request = served
        var payload = ByteBufferAllocator().buffer(capacity: 64 + request.data.readableBytes)
        ServiceCall.perform(
            identifier: request.identifier, user: session.user, platform: session.platform,
            operationID: String(buffer: request.operationID), data: request.data
        ).write(to: &payload)
        calls.call(payload, number: lastRequest, of: self)
    }

    /// Before the service lists who is online, so that no change is missed.
    private func subscribe(_ data: ByteBuffer) {
        guard let wanted = try? WireSubscribeRequest(serializedBytes: Array(data.readableBytesView)) else { return }
        let subscriptions = loop.registry.online.subscriptions
        subscriptions.unsubscribe(session, from: wanted.unsubscribe)
        subscriptions.subscribe(session, to: wanted.subscribe)
    }

    func takeReply(to number: Int, _ payload: ByteBuffer) {
        guard let served = request, served.number == number else { return }
        var payload = payload
        guard let answer = try? ServiceAnswer.read(from: &payload) else { return callFailed(number) }
        request = nil
        if answer.errorCode == 0, let isInBackground = served.setsBackground {
            session.setInBackground(isInBackground)
        }
        respond(to: served.request, code: Int(answer.errorCode), message: answer.errorMessage, data: answer.data)
        takeInbox()
    }

    /// As if gRPC could not reach the service: code 14, UNAVAILABLE.
    func callFailed(_ number: Int) {
        guard let served = request, served.number == number else { return }
        request = nil
        respond(to: served.request, code: 14, message: "the service does not answer")
        takeInbox()
    }

    private func respond(
        to request: OpenIMRequest, code: Int = 0, message: String = "", data: ByteBuffer = ByteBuffer()
    ) {
        send(
            OpenIMResponse(
                identifier: request.identifier, msgIncr: request.msgIncr, operationID: request.operationID,
                errorCode: code, errorMessage: message, data: code == 0 ? data : ByteBuffer()),
            byReader: true)
        if request.identifier == OpenIMOperation.logout { end(by: .gateway) }
    }
}
