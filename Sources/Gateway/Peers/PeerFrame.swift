internal import NIOCore

/// What gateways of a stack say to each other on their internal ports: a length of four bytes, big-endian, and as many
/// bytes of content.
///
/// The one that is asked begins with a greeting: its name, a line feed, and the name of the thread that serves the
/// checks. Each request is a time of eight bytes, a token behind its length of two bytes, and an account; the answer to it
/// is empty.
enum PeerFrame {
    /// An account and a token are shorter: both come from one head of a request.
    static let maxBytes = 128 * 1024

    static func greeting(gateway: String, thread: String) -> ByteBuffer {
        frame { $0.writeString("\(gateway)\n\(thread)") }
    }

    static func request(_ login: LoginCheck) -> ByteBuffer {
        frame {
            $0.writeInteger(login.openedBefore.nanoseconds)
            $0.writeText(login.token)
            $0.writeString(login.account)
        }
    }

    static var answer: ByteBuffer { frame { _ in } }

    static func parseGreeting(_ content: ByteBuffer) -> (gateway: String, thread: String)? {
        let lines = String(buffer: content).split(separator: "\n", maxSplits: 1)
        guard lines.count == 2 else { return nil }
        return (String(lines[0]), String(lines[1]))
    }

    static func parseRequest(_ content: ByteBuffer) -> LoginCheck? {
        var content = content
        guard let time = content.readInteger(as: Int64.self), let token = try? content.takeText(),
            content.readableBytes > 0,
            let account = content.readString(length: content.readableBytes)
        else { return nil }
        return LoginCheck(account: account, openedBefore: MonotonicTime(nanoseconds: time), token: token)
    }

    /// The content of the first whole frame; nil: not all of it is there.
    ///
    /// - Throws: when the frame is too long.
    static func takeContent(from buffer: inout ByteBuffer) throws -> ByteBuffer? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length <= maxBytes else { throw TooLong() }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readSlice(length: Int(length))
    }

    struct TooLong: Error {}

    private static func frame(_ writeContent: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(0))
        writeContent(&buffer)
        buffer.setInteger(UInt32(buffer.readableBytes - 4), at: 0)
        return buffer
    }
}
