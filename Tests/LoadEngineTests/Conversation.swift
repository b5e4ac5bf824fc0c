import Foundation
import Glibc

@testable import WebSocketWire

/// The server's side of one connection, on a blocking socket. Used by one thread.
final class Conversation {
    enum End: Error {
        case finished
        case reset
    }

    struct Frame {
        let opcode: UInt8
        let payload: [UInt8]
    }

    /// Longer than any test's own deadline: nobody waits for ever.
    private static let patienceSeconds = 30

    let peer: ScriptedPeer
    /// Whether PINGs are answered.
    var answersPings = true
    /// The answer to a PING instead of its own payload.
    var pongPayload: [UInt8]?
    /// The head of the upgrade request.
    private(set) var request = ""
    private let descriptor: Int32
    private var unread: [UInt8] = []

    init(descriptor: Int32, peer: ScriptedPeer) {
        self.descriptor = descriptor
        self.peer = peer
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        // A close frame right behind a message is not to wait for the message's acknowledgement.
        var noDelay: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    // MARK: Reading

    /// The next text message; nil after the close frame, which is answered with itself.
    func nextMessage() throws -> String? {
        while true {
            let frame = try nextFrame()
            switch frame.opcode {
            case 1, 2:
                let text = String(decoding: frame.payload, as: UTF8.self)
                peer.note { $0.messages.append(text) }
                return text
            case 8:
                try answer(close: frame)
                return nil
            case 9:
                if answersPings { try send(opcode: 10, pongPayload ?? frame.payload) }
            default:
                continue
            }
        }
    }

    func nextFrame() throws -> Frame {
        let head = try read(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 { length = try read(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try read(8).reduce(0) { $0 << 8 | Int($1) } }
        let mask = try read(4)
        let payload = try read(length).enumerated().map { $1 ^ mask[$0 % 4] }
        return Frame(opcode: head[0] & 0x0F, payload: payload)
    }

    /// Whether there is something to read, waiting a while for it.
    func hasInput(withinMs milliseconds: Int32) throws -> Bool {
        if !unread.isEmpty { return true }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }

    /// Ends the connection with a RST.
    func reset() throws {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        throw End.finished
    }

    /// Writes zero bytes until the socket takes none for so long; returns how many it took, which is what its and the peer's buffers hold.
    func fillSocket(quietMs: Int32) throws -> Int {
        let chunk = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while Glibc.poll(&poll, 1, quietMs) > 0 {
            let count = Glibc.send(descriptor, chunk, chunk.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { throw End.reset }
            total += count
        }
        return total
    }

    func readToEnd() throws {
        while true { _ = try read(1) }
    }

    func answer(close: Frame) throws {
        let payload = close.payload
        let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
        peer.note {
            $0.closeCodes.append(code)
            $0.closeReasons.append(String(decoding: payload.dropFirst(2), as: UTF8.self))
        }
        try send(opcode: 8, payload)
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while unread.count < count {
            var chunk = [UInt8](repeating: 0, count: 65536)
            let length = recv(descriptor, &chunk, chunk.count, 0)
            if length < 0, errno == EINTR { continue }
            guard length > 0 else { throw length == 0 ? End.finished : End.reset }
            unread += chunk[..<length]
        }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    // MARK: Writing

    func send(_ text: String) throws {
        try send(opcode: 1, Array(text.utf8))
    }

    func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ..<65536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: frame += [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        try write(frame + payload)
    }

    func sendClose(code: UInt16) throws {
        try send(opcode: 8, [UInt8(code >> 8), UInt8(code & 0xFF)])
    }

    func write(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let length = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + offset, $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            if length < 0, errno == EINTR { continue }
            guard length > 0 else { throw End.reset }
            offset += length
        }
    }

    // MARK: Upgrade

    func readRequest() throws {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) { head += try read(1) }
        request = String(decoding: head, as: UTF8.self)
        peer.note { [request] in $0.requests.append(request) }
    }

    func upgrade() throws {
        try readRequest()
        let key = request.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
        let response = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: \(Self.acceptValue(String(key)))\r
            \r\n
            """
        try write(Array(response.utf8))
    }

    private static func acceptValue(_ key: String) -> String {
        var digest = [UInt8](repeating: 0, count: SHA1.digestBytes)
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        text.withUnsafeBytes { bytes in digest.withUnsafeMutableBytes { SHA1.digest(bytes, to: $0.baseAddress!) } }
        return Data(digest).base64EncodedString()
    }
}
