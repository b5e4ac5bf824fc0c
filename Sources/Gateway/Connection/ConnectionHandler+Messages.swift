internal import NIOCore
internal import NIOWebSocket

// MARK: Messages and their replies

extension ConnectionHandler: MessageCaller {
    func takeData(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard state == .open else { return }
        let result = assembler.append(
            frame, maxBytes: loop.configuration.maxMessageBytes, allocator: context.channel.allocator)
        switch result {
        case .incomplete:
            break
        case .fault(let fault):
            fail(fault, context)
        case .message(let opcode, let payload):
            loop.counters.messagesReceived.add(1)
            loop.counters.bytesReceived.add(payload.readableBytes)
            loop.defects?.messageTaken()
            if replies == nil {
                sendReply(opcode, payload, context)
            } else {
                replies?.append(opcode, payload)
                callService()
            }
        }
    }

    private func sendReply(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        loop.counters.messagesSent.add(1)
        loop.counters.bytesSent.add(payload.readableBytes)
        write(opcode, payload, context)
    }

    private func callService() {
        while state == .open, let (number, payload) = replies?.nextCall() {
            loop.messageCalls?.call(payload, number: number, of: self)
        }
    }

    /// The message service has answered a message; its reply goes out when those before it have.
    func takeReply(to number: Int, _ payload: ByteBuffer) {
        guard let context, state == .open, replies?.answer(number, with: payload) == true else { return }
        while let reply = replies?.nextReply() {
            sendReply(reply.opcode, reply.payload, context)
        }
        callService()
        flushIfNeeded(context)
        resumeReading(context)
    }

    /// The message service could not be asked; the replies still due will never come.
    func callFailed(_ number: Int) {
        startClosing(CloseCode.internalError, "the message service does not answer")
    }
}

// MARK: A defect's mark on the output

extension ConnectionHandler {
    /// Answers a message with the first half of its echo, as a server does that stops in the middle of it; anything
    /// else with nothing.
    func writeHalf(of frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard frame.fin, frame.opcode == .text || frame.opcode == .binary, frame.length > 1,
            let encoder = try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
        else { return }
        let payload = FrameBuffer.unmasking(frame, allocator: context.channel.allocator)
        var half = context.channel.allocator.buffer(capacity: 10 + frame.length / 2)
        half.writeInteger(frame.opcode == .text ? 0x81 : 0x82, as: UInt8.self)
        switch frame.length {
        case ..<126:
            half.writeInteger(UInt8(frame.length))
        case ..<65536:
            half.writeMultipleIntegers(UInt8(126), UInt16(frame.length))
        default:
            half.writeMultipleIntegers(UInt8(127), UInt64(frame.length))
        }
        half.writeBytes(payload.readableBytesView.prefix(frame.length / 2))
        encoder.writeAndFlush(NIOAny(half), promise: nil)
    }
}
