internal import NIOCore
internal import NIOWebSocket

/// The messages of one connection that await their reply, oldest first, so that replies go out in that order.
///
/// Messages are numbered from 0. A window of the oldest ones is with the message service, answered in any order.
struct ReplyQueue {
    /// So many messages of one connection may be with the message service at once.
    static let window = 16

    private enum State {
        case waiting(ByteBuffer)
        case called
        case answered(ByteBuffer)
    }

    private var messages = CircularBuffer<(opcode: WebSocketOpcode, state: State)>(initialCapacity: 1)
    /// Number of the first of them.
    private var first = 0
    /// How many, from the first on, have been taken by `nextCall`.
    private var called = 0

    /// Whether no more should be read from the peer.
    var isFull: Bool { messages.count >= Self.window }

    mutating func append(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        messages.append((opcode, .waiting(payload)))
    }

    /// The next message that may be sent to the message service; nil: none is left, or the window is used up.
    mutating func nextCall() -> (number: Int, payload: ByteBuffer)? {
        guard called < Self.window, called < messages.count else { return nil }
        let index = messages.index(messages.startIndex, offsetBy: called)
        guard case .waiting(let payload) = messages[index].state else {
            preconditionFailure("a message behind the window was called")
        }
        messages[index].state = .called
        called += 1
        return (first + called - 1, payload)
    }

    /// - Returns: `false` for a message that awaits no answer.
    mutating func answer(_ number: Int, with payload: ByteBuffer) -> Bool {
        let offset = number - first
        guard (0..<called).contains(offset) else { return false }
        let index = messages.index(messages.startIndex, offsetBy: offset)
        guard case .called = messages[index].state else { return false }
        messages[index].state = .answered(payload)
        return true
    }

    /// The oldest message's reply; nil: it is not there yet.
    mutating func nextReply() -> (opcode: WebSocketOpcode, payload: ByteBuffer)? {
        guard case (let opcode, .answered(let payload))? = messages.first else { return nil }
        messages.removeFirst()
        first += 1
        called -= 1
        return (opcode, payload)
    }
}
