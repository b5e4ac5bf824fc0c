internal import Glibc
internal import NIOCore
internal import Synchronization

/// Asks the other gateways of the stack for login checks and waits for their answers, on the calling thread and without
/// any deadline.
final class PeerCalls: Sendable {
    /// Whom a call waits for.
    struct Peer: Equatable, Sendable {
        /// Its name; before its greeting, its address.
        var gateway: String
        /// Identifiers of the actors that answer.
        var answeredBy: [String]
    }

    private struct State {
        var addresses: [PeerAddress] = []
        var connections: [PeerConnection] = []
        var isCancelled = false
    }

    private let state = Mutex(State())

    func setPeers(_ addresses: [PeerAddress]) {
        state.withLock { state in
            state.connections.forEach { $0.cut() }
            state.addresses = addresses
            state.connections = state.isCancelled ? [] : addresses.map(PeerConnection.init)
        }
    }

    /// Returns when every gateway has taken the check or is gone.
    ///
    /// - Parameter waitsFor: told whom the calling thread is about to wait for, and nil behind each wait.
    func ask(_ login: LoginCheck, waitsFor: (Peer?) -> Void) {
        let connections = state.withLock { $0.isCancelled ? [] : $0.connections }
        guard !connections.isEmpty else { return }
        let request = PeerFrame.request(login)
        let asked = connections.filter { connection in
            waitsFor(connection.peer)
            defer { waitsFor(nil) }
            return connection.send(request)
        }
        for connection in asked {
            waitsFor(connection.peer)
            _ = connection.receive()
            waitsFor(nil)
        }
    }

    /// Ends the call that is being made, and every later one at once.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.connections.forEach { $0.cut() }
            state.connections = []
        }
    }
}

/// A blocking connection to one other gateway; one thread uses it, any may cut it.
private final class PeerConnection: Sendable {
    private struct Socket {
        var descriptor: CInt = -1
        var isCut = false
    }

    private let address: PeerAddress
    private let socket = Mutex(Socket())
    // The using thread's alone.
    nonisolated(unsafe) private(set) var peer: PeerCalls.Peer

    init(_ address: PeerAddress) {
        self.address = address
        peer = PeerCalls.Peer(gateway: address.text, answeredBy: [])
    }

    deinit {
        close()
    }

    /// Connects if need be.
    func send(_ request: ByteBuffer) -> Bool {
        let known = socket.withLock { $0.descriptor }
        guard let descriptor = known >= 0 ? known : connect() else { return false }
        let isSent = request.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
        if !isSent { close() }
        return isSent
    }

    /// The content of the next frame; nil: the connection has ended.
    func receive() -> ByteBuffer? {
        let descriptor = socket.withLock { $0.descriptor }
        guard descriptor >= 0, let head = receive(4, from: descriptor),
            let length = head.getInteger(at: 0, as: UInt32.self), length <= PeerFrame.maxBytes,
            let content = receive(Int(length), from: descriptor)
        else {
            close()
            return nil
        }
        return content
    }

    /// Ends what is being waited for; the connection cannot be used any more.
    func cut() {
        socket.withLock { socket in
            socket.isCut = true
            // The descriptor's number stays taken until its user has noticed.
            if socket.descriptor >= 0 { shutdown(socket.descriptor, CInt(SHUT_RDWR)) }
        }
    }

    private func connect() -> CInt? {
        let target = address.socketAddress
        let family = target.protocol == .inet6 ? AF_INET6 : AF_INET
        let descriptor = Glibc.socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let isUsable = socket.withLock { socket in
            if !socket.isCut { socket.descriptor = descriptor }
            return !socket.isCut
        }
        guard isUsable else {
            Glibc.close(descriptor)
            return nil
        }
        let status = target.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        guard status == 0, let greeting = receive().flatMap(PeerFrame.parseGreeting) else {
            close()
            return nil
        }
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        peer = PeerCalls.Peer(
            gateway: greeting.gateway, answeredBy: ["\(greeting.gateway)/thread:\(greeting.thread)"])
        return descriptor
    }

    private func receive(_ count: Int, from descriptor: CInt) -> ByteBuffer? {
        var buffer = ByteBuffer()
        while buffer.readableBytes < count {
            let missing = count - buffer.readableBytes
            let received = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { target in
                while true {
                    let received = recv(descriptor, target.baseAddress, missing, 0)
                    if received < 0, errno == EINTR { continue }
                    return max(0, received)
                }
            }
            guard received > 0 else { return nil }
        }
        return buffer
    }

    private func close() {
        socket.withLock { socket in
            if socket.descriptor >= 0 { Glibc.close(socket.descriptor) }
            socket.descriptor = -1
        }
    }
}
