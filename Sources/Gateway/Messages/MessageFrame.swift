internal import NIOCore

/// What gateways and the message service say to each other over TCP.
///
/// A frame is the length of what follows (32 bits), its kind (8 bits) and its fields, numbers with the highest byte
/// first:
///
///     kind         on              from      fields
///     0 hello      requests        gateway   push address
///     1 request    requests        gateway   session (64 bits), call (64), length of the account (16), account, payload
///     2 reply      requests        service   payload
///     3 pushed     requests        service   -
///     4 failed     requests        service   reason
///     5 push       pushes          service   session (64 bits), call (64), payload
///     6 order      pushes          service   payload (``GatewayOrder``)
///     7 done       pushes          gateway   payload
///
/// A gateway opens connections for requests and says hello on each; then one request at a time is answered by a
/// reply, by `pushed` (the reply comes as a push, over a connection that the service opens), or by `failed`. Orders are
/// those of OpenIM's service, each answered by `done`, in order.
enum MessageFrame: Equatable {
    case hello(pushAddress: String)
    case request(session: UInt64, call: UInt64, account: String, payload: ByteBuffer)
    case reply(ByteBuffer)
    case pushed
    case failed(reason: String)
    case push(session: UInt64, call: UInt64, payload: ByteBuffer)
    case order(ByteBuffer)
    case done(ByteBuffer)

    /// The largest message that may be sent.
    static let maxPayloadBytes = 1 << 30
    /// Room for the fields before it.
    private static let maxFrameBytes = maxPayloadBytes + 65536 + 64

    /// Bytes that are no such frame.
    enum Malformed: Error, Equatable {
        case tooLong(bytes: Int)
        case unknownKind(UInt8)
        case fieldsTooShort
        /// A frame that the peer has no business to send.
        case unexpected
    }

    private var kind: UInt8 {
        switch self {
        case .hello: 0
        case .request: 1
        case .reply: 2
        case .pushed: 3
        case .failed: 4
        case .push: 5
        case .order: 6
        case .done: 7
        }
    }

    /// Appends the frame; an account has at most ``AccountQuery/maxBytes``.
    func write(to buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeInteger(UInt32(0))
        buffer.writeInteger(kind)
        switch self {
        case .hello(let address):
            buffer.writeString(address)
        case .request(let session, let call, let account, let payload):
            buffer.writeMultipleIntegers(session, call, UInt16(account.utf8.count))
            buffer.writeString(account)
            buffer.writeImmutableBuffer(payload)
        case .reply(let payload), .order(let payload), .done(let payload):
            buffer.writeImmutableBuffer(payload)
        case .pushed:
            break
        case .failed(let reason):
            buffer.writeString(reason)
        case .push(let session, let call, let payload):
            buffer.writeMultipleIntegers(session, call)
            buffer.writeImmutableBuffer(payload)
        }
        buffer.setInteger(UInt32(buffer.writerIndex - start - 4), at: start)
    }

    /// Takes the first frame off a buffer.
    ///
    /// - Returns: nil when it is not whole yet.
    static func read(from buffer: inout ByteBuffer) throws(Malformed) -> MessageFrame? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length <= maxFrameBytes else { throw .tooLong(bytes: Int(length)) }
        guard length >= 1 else { throw .fieldsTooShort }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard var fields = buffer.readSlice(length: Int(length)), let kind: UInt8 = fields.readInteger() else {
            throw .fieldsTooShort
        }
        return try parse(kind: kind, &fields)
    }

    private static func parse(kind: UInt8, _ fields: inout ByteBuffer) throws(Malformed) -> MessageFrame {
        switch kind {
        case 0: return .hello(pushAddress: String(buffer: fields))
        case 1:
            guard
                let (session, call, length) = fields.readMultipleIntegers(as: (UInt64, UInt64, UInt16).self),
                let account = fields.readString(length: Int(length))
            else { throw .fieldsTooShort }
            return .request(session: session, call: call, account: account, payload: fields)
        case 2: return .reply(fields)
        case 3: return .pushed
        case 4: return .failed(reason: String(buffer: fields))
        case 5:
            guard let (session, call) = fields.readMultipleIntegers(as: (UInt64, UInt64).self) else {
                throw .fieldsTooShort
            }
            return .push(session: session, call: call, payload: fields)
        case 6: return .order(fields)
        case 7: return .done(fields)
        default: throw .unknownKind(kind)
        }
    }
}

/// Cuts a stream of bytes into ``MessageFrame``s.
struct MessageFrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = MessageFrame

    mutating func decode(buffer: inout ByteBuffer) throws -> MessageFrame? {
        try MessageFrame.read(from: &buffer)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> MessageFrame? {
        try MessageFrame.read(from: &buffer)
    }
}
