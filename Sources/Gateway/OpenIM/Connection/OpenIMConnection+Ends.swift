internal import NIOCore
internal import NIOWebSocket

// MARK: Ends

extension OpenIMConnection: ServedConnection {
    func goAway() {
        end(by: .gateway)
    }

    func cut() {
        context?.close(promise: nil)
    }

    /// Closes TCP without a close frame, once what has been written is through.
    func end(by initiator: CloseInitiator) {
        guard state == .waiting || state == .open else { return }
        inbox.removeAll()
        request = nil
        guard faults?.neverCloses != true else {
            state = .stuck
            return
        }
        closeInitiator = initiator
        state = .closing
        closeIfWritten()
    }

    func closeIfWritten() {
        if state == .closing, writes.count == 0 { context?.close(promise: nil) }
    }

    func kick() {
        guard state == .waiting || state == .open else { return }
        send(OpenIMResponse(identifier: OpenIMOperation.kick), byReader: false)
        end(by: .gateway)
    }

    func takeClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        let payload = FrameBuffer.unmasking(frame, allocator: context.channel.allocator)
        switch ClosePayload.parse(payload) {
        case .fault(let fault): fail(fault)
        case .code(let code):
            guard faults?.neverCloses != true else { return end(by: .peer) }
            closeCode = code ?? CloseCode.noStatus
            let answer = code.map { ClosePayload.make(code: $0, reason: "", allocator: context.channel.allocator) }
            write(
                .connectionClose, answer ?? FrameBuffer.empty(payloadBytes: 0, allocator: context.channel.allocator),
                byReader: false)
            end(by: .peer)
        }
    }

    /// Answers a fault with its close code; a message that is too big gets no reason.
    func fail(_ fault: WireFault) {
        guard let context, state == .waiting || state == .open else { return }
        guard faults?.neverCloses != true else { return end(by: .gateway) }
        closeCode = fault.closeCode
        closeInitiator = .gateway
        inbox.removeAll()
        request = nil
        let reason: StaticString = fault == .messageTooBig ? "" : fault.reason
        write(
            .connectionClose,
            ClosePayload.make(code: fault.closeCode, reason: reason, allocator: context.channel.allocator),
            byReader: false)
        state = .lingering
        loop.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
        if isInputClosed {
            context.close(promise: nil)
        } else {
            resumeReading()
        }
    }
}
