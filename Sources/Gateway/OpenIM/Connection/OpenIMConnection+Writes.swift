internal import NIOCore
internal import NIOWebSocket

// MARK: What goes out

extension OpenIMConnection {
    func send(_ response: OpenIMResponse, byReader: Bool) {
        guard let context else { return }
        let payload = query.encoding.encode(response, gzip: openIM.gzip, allocator: context.channel.allocator)
        loop.counters.messagesSent.add(1)
        loop.counters.bytesSent.add(payload.readableBytes)
        write(.binary, payload, byReader: byReader)
    }

    func push(operationID: String, _ data: ByteBuffer) {
        guard state == .waiting || state == .open else { return }
        send(
            OpenIMResponse(
                identifier: OpenIMOperation.push, operationID: ByteBuffer(string: operationID), data: data),
            byReader: false)
    }

    func tellStatus(_ data: ByteBuffer) {
        guard state == .waiting || state == .open else { return }
        send(OpenIMResponse(identifier: OpenIMOperation.subscribe, data: data), byReader: false)
    }

    /// - Parameter byReader: nothing is read until the socket has taken it.
    func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, byReader: Bool) {
        guard let context else { return }
        writes.began(byReader: byReader)
        let written = context.eventLoop.makePromise(of: Void.self)
        // Called before `writeAndFlush` returns if the socket takes all.
        written.futureResult.assumeIsolated().whenComplete { _ in self.wrote(byReader: byReader) }
        context.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: payload)), promise: written)
        guard writes.count > 0, !writes.isBlocked else { return }
        writes.isBlocked = true
        expectWrite()
        loop.counters.blockedConnections.add(1)
        loop.registry.writeBlocked(session)
    }

    private func expectWrite() {
        writes.deadline = .now() + .nanoseconds(openIM.configuration.writeTimeout.wholeNanoseconds)
    }

    private func wrote(byReader: Bool) {
        writes.ended(byReader: byReader)
        if writes.count > 0 {
            // The next one's time begins.
            if writes.isBlocked { expectWrite() }
        } else {
            writesEnded()
            closeIfWritten()
        }
        if byReader { takeInbox() }
    }

    /// Nobody waits for the connection any more.
    func writesEnded() {
        guard writes.isBlocked else { return }
        writes.isBlocked = false
        writes.deadline = .distantFuture
        loop.counters.blockedConnections.add(-1)
        loop.registry.writeEnded(session)
    }
}

extension FrameBuffer {
    static func copying(_ bytes: ByteBuffer, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var payload = empty(payloadBytes: bytes.readableBytes, allocator: allocator)
        payload.writeImmutableBuffer(bytes)
        return payload
    }
}
