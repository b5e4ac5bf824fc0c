internal import NIOCore
internal import NIOHTTP1

// MARK: Answers

extension OpenIMHandshake {
    func refuse(_ refusal: OpenIMRefusal) {
        respond(.ok, contentType: "application/json; charset=utf-8", body: String(buffer: refusal.json))
    }

    /// As gorilla/websocket answers; 3.5.1 then writes its own error behind it.
    func refuse(_ fault: OpenIMUpgradeFault) {
        var body = "\(fault.status.reasonPhrase)\n"
        if version == .v3_5_1 {
            body += String(buffer: OpenIMRefusal(code: 500, message: fault.reason, detail: "").json)
        }
        respond(
            fault.status, contentType: "text/plain; charset=utf-8", body: body,
            headers: [("Sec-Websocket-Version", "13"), ("X-Content-Type-Options", "nosniff")])
    }

    func respond(
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

    static func makeDecoder() -> ByteToMessageHandler<HTTPRequestDecoder> {
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
    func sendResult(_ refusal: OpenIMRefusal, _ context: ChannelHandlerContext) {
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
