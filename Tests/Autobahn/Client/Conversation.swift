internal import Reactor
internal import WebSocketWire

/// One connection from its first byte to its last: upgrade, then every message echoed with its type.
final class Conversation {
    var connection = ConnectionID.none
    private(set) var isOver = false
    /// The last whole message.
    private(set) var message: [UInt8] = []

    private let loop: EventLoop
    private let request: [UInt8]
    private let key: HandshakeKey
    private let echoes: Bool
    private var head: [UInt8] = []
    private var isUpgraded = false
    private var reader: FrameReader
    private var closing = ClosingHandshake()
    private var partial: [UInt8] = []
    private var maskingKey: UInt32 = 0x5EED_0001

    init(loop: EventLoop, request: String, key: HandshakeKey, echoes: Bool, maxMessageBytes: Int) {
        self.loop = loop
        self.request = Array(request.utf8)
        self.key = key
        self.echoes = echoes
        reader = FrameReader(maxMessageBytes: maxMessageBytes)
    }

    func handle(_ completion: Completion) {
        switch completion.kind {
        case .connected: request.withUnsafeBytes { send($0) }
        case .received: isUpgraded ? readFrames(Array(loop.received)) : readHead()
        case .finished, .failed: isOver = true
        case .secured, .sent, .readable: break
        }
    }

    private func readHead() {
        head += loop.received
        let result = head.withUnsafeBytes {
            UpgradeResponse.parse($0, key: key, offer: HandshakeOffer(subprotocols: []))
        }
        switch result {
        case .incomplete:
            break
        case .accepted(let headBytes, _):
            isUpgraded = true
            readFrames(Array(head[headBytes...]))
        case .rejected, .invalid:
            isOver = true
        }
    }

    private func readFrames(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { input in
            var offset = 0
            while !isOver {
                switch reader.next(input, at: &offset) {
                case .needMoreBytes:
                    return
                case .messagePart(let opcode, let range, _, let isLast):
                    partial += input[range]
                    if isLast { endMessage(opcode) }
                case .ping:
                    sendFrame(.pong, controlPayload())
                case .pong:
                    break
                case .close(let code, _):
                    receivedClose(code)
                case .violation(let violation):
                    if closing.startClose() == .sendClose { sendClose(violation.closeCode) }
                    isOver = true
                }
            }
        }
    }

    private func endMessage(_ opcode: Opcode) {
        message = partial
        partial.removeAll(keepingCapacity: true)
        if echoes { sendFrame(opcode, message) }
    }

    private func receivedClose(_ code: UInt16?) {
        guard closing.onCloseFrame() == .reply else { return }
        sendClose(code)
        closing.onReplySent()
    }

    private func controlPayload() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: FrameWriter.maxControlPayloadBytes) { buffer, count in
            count = buffer.baseAddress.map { reader.copyControlPayload(to: UnsafeMutableRawPointer($0)) } ?? 0
        }
    }

    private func sendClose(_ code: UInt16?) {
        sendFrame(.close, code.map { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } ?? [])
    }

    private func sendFrame(_ opcode: Opcode, _ payload: [UInt8]) {
        maskingKey = maskingKey &* 747_796_405 &+ 2_891_336_453
        let length = FrameWriter.encodedLength(payloadBytes: payload.count)
        let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 8)
        defer { frame.deallocate() }
        guard let base = frame.baseAddress else { return }
        let written = payload.withUnsafeBytes {
            FrameWriter.write(opcode, maskingKey: maskingKey, payload: $0, to: base)
        }
        send(UnsafeRawBufferPointer(start: base, count: written))
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        if case .failed = loop.send(connection, bytes) { isOver = true }
    }
}
