internal import Glibc
internal import NIOCore

/// A connected TCP socket that its thread blocks on, as a goroutine would.
struct BlockingConnection {
    let descriptor: CInt

    /// Sends small frames at once (TCP_NODELAY, tcp(7)).
    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        var isOn: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout.size(ofValue: isOn)))
    }

    /// Dials and waits for the connection.
    ///
    /// - Throws: ``SystemCallFailure``.
    init(to address: SocketAddress) throws(SystemCallFailure) {
        let descriptor = socket(
            address.protocol.rawValue, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallFailure(call: "socket", code: errno) }
        let isConnected = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0
        guard isConnected else {
            let failure = SystemCallFailure(call: "connect", code: errno)
            Glibc.close(descriptor)
            throw failure
        }
        self.init(descriptor)
    }

    /// Appends what comes next; 0: the peer has ended the connection.
    func read(into buffer: inout ByteBuffer) throws(SystemCallFailure) -> Int {
        while true {
            var code: CInt = 0
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 4096) { bytes in
                let count = Glibc.read(descriptor, bytes.baseAddress, bytes.count)
                if count < 0 { code = errno }
                return max(0, count)
            }
            if code == EINTR { continue }
            guard code == 0 else { throw SystemCallFailure(call: "read", code: code) }
            return count
        }
    }

    /// Writes all of it.
    func write(_ buffer: ByteBuffer) throws(SystemCallFailure) {
        var rest = buffer
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemCallFailure(call: "send", code: errno) }
            rest.moveReaderIndex(forwardBy: count)
        }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
