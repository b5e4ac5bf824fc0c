internal import Glibc
internal import Reactor
internal import WebSocketWire

/// One connection at a time: upgrades, echoes what comes until the server closes, and keeps the last text.
final class EchoClient {
    /// Longest that one case may take.
    private static let caseTimeoutNs: Int64 = 60_000_000_000
    private static let maxMessageBytes = 64 << 20

    private let address: SocketAddress
    private let authority: String
    private let loop: EventLoop
    private var key = HandshakeKey(random: (0, 0))
    private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

    struct InvalidAddress: Error, CustomStringConvertible {
        let text: String
        var description: String { "'\(text)' is no numeric address with a port" }
    }

    init(authority: String) throws {
        guard let address = SocketAddress(parsing: authority) else { throw InvalidAddress(text: authority) }
        self.address = address
        self.authority = authority
        loop = try EventLoop(maxConnections: 4)
    }

    /// Runs one connection to its end and returns the last message.
    func talk(to resource: String, echoes: Bool) -> String {
        key = HandshakeKey(random: (nextRandom(), nextRandom()))
        let conversation = Conversation(
            loop: loop, request: request(resource), key: key, echoes: echoes, maxMessageBytes: Self.maxMessageBytes)
        guard case .pending(let connection) = loop.connect(to: address, from: nil, tls: nil, owner: 0) else {
            return ""
        }
        conversation.connection = connection
        let deadline = loop.refreshNow() + Self.caseTimeoutNs
        while !conversation.isOver, loop.refreshNow() < deadline {
            loop.wait(untilNs: deadline)
            while let completion = loop.next() {
                if completion.connection == connection { conversation.handle(completion) }
            }
        }
        loop.close(connection)
        return String(decoding: conversation.message, as: UTF8.self)
    }

    private func request(_ resource: String) -> String {
        let text = String(unsafeUninitializedCapacity: HandshakeKey.encodedBytes) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            key.write(to: start)
            return HandshakeKey.encodedBytes
        }
        let host = String(authority[..<(authority.lastIndex(of: ":") ?? authority.endIndex)])
        return UpgradeRequest(
            host: host, port: Int(address.port), isSecure: false, resource: resource, subprotocols: [], headers: []
        ).text(key: text)
    }

    private func nextRandom() -> UInt64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random
    }
}
