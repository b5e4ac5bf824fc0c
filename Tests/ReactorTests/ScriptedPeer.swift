import Glibc
import Testing

@testable import Reactor

/// The server's end of a connection, driven call by call from the test's own thread.
///
/// Waits are bounded by 10 s.
struct ScriptedPeer: ~Copyable {
    let descriptor: Int32
    /// Our end.
    let connection: ConnectionID

    deinit {
        _ = Glibc.close(descriptor)
    }

    func send(_ bytes: [UInt8], flags: Int32 = 0) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | flags)
            }
            guard count > 0 else {
                Issue.record("peer cannot send: \(String(cString: strerror(errno)))")
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    /// What arrives next, at most `capacity` bytes; empty at the end of the stream; nil if nothing arrives in time.
    func receive(capacity: Int = 65536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = recv(descriptor, &bytes, capacity, 0)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    /// Exactly `count` bytes, or fewer if the stream ends or stays silent.
    func receive(exactly count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let part = receive(capacity: count - bytes.count), !part.isEmpty { bytes += part }
        return bytes
    }

    /// All that has arrived by now.
    func receiveWhatIsThere() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return Array(bytes.prefix(max(count, 0)))
    }

    func finishSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Has the coming close send a RST.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// The address the connection came from.
    var remote: SocketAddress? {
        ScriptedListener.address(of: descriptor, getpeername)
    }

    consuming func close() {}
}

/// A listening socket on a port that the kernel chose.
///
/// Connections to it are made before anybody accepts them.
struct ScriptedListener: ~Copyable {
    let descriptor: Int32
    let address: SocketAddress

    init(host: String = "127.0.0.1", receiveBufferBytes: Int32? = nil) throws {
        let local = try #require(SocketAddress(host: host, port: 0))
        let listening = socket(local.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBufferBytes {
            _ = setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let bound = local.withSockaddr { bind(listening, $0, $1) }
        try #require(bound == 0 && listen(listening, 1024) == 0)
        address = try #require(Self.address(of: listening, getsockname))
        descriptor = listening
        Self.boundWaits(descriptor)
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    func accept(as connection: ConnectionID = .none) throws -> ScriptedPeer {
        let accepted = Glibc.accept(descriptor, nil, nil)
        try #require(accepted >= 0, "nobody connected")
        Self.boundWaits(accepted)
        return ScriptedPeer(descriptor: accepted, connection: connection)
    }

    private static func boundWaits(_ descriptor: Int32) {
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    static func address(
        of descriptor: Int32,
        _ query: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                query(descriptor, $0, &length) == 0 ? SocketAddress($0, length: length) : nil
            }
        }
    }
}
