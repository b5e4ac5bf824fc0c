import Foundation
import Glibc
import Synchronization
import WebSocketWire

/// A WebSocket server on a loopback socket that does what a test says: one thread accepts, one serves each connection.
final class ScriptedPeer: Sendable {
    typealias Script = @Sendable (Conversation) throws -> Void

    /// What the connections have seen so far.
    struct Seen {
        var requests: [String] = []
        var messages: [String] = []
        /// Of close frames; 1005: one without a code.
        var closeCodes: [Int] = []
        var closeReasons: [String] = []
        var resets = 0
        var connections = 0
    }

    let port: Int
    private let listener: Int32
    private let script: Script
    private let opens: Bool
    private let state = Mutex(Seen())

    var seen: Seen { state.withLock { $0 } }

    /// Serves every connection with `script` after the upgrade; when it never `opens`, the script has the socket as it comes.
    init(opens: Bool = true, _ script: @escaping Script) throws {
        self.script = script
        self.opens = opens
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) | listen(listener, 128) | getsockname(listener, pointer, &length)
            }
        }
        guard listener >= 0, status == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// Ends the accepting thread; connections end with the shard's side of them.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func note(_ change: (inout Seen) -> Void) {
        state.withLock { change(&$0) }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            Thread.detachNewThread { [self] in
                let conversation = Conversation(descriptor: descriptor, peer: self)
                do {
                    if opens { try conversation.upgrade() }
                    note { $0.connections += 1 }
                    try script(conversation)
                    // FIN, then whatever is still to come, so that our close is no reset.
                    shutdown(descriptor, Int32(SHUT_WR))
                    try conversation.readToEnd()
                } catch Conversation.End.reset {
                    note { $0.resets += 1 }
                } catch {
                    // The shard has gone, which its own counts show.
                }
                close(descriptor)
            }
        }
        close(listener)
    }
}

extension ScriptedPeer {
    /// Answers every message with itself, and the close frame.
    static let echo: Script = { conversation in
        while let message = try conversation.nextMessage() { try conversation.send(message) }
    }

    /// Takes every message and answers none; the close frame is answered.
    static let mute: Script = { conversation in
        while try conversation.nextMessage() != nil {}
    }
}
