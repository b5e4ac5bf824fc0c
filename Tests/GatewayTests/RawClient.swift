import Glibc

/// A WebSocket peer on a bare socket that can misbehave in any way.
///
/// Never blocks a thread: it tries again every millisecond until a deadline, which fails with what was read.
final class RawClient {
    struct TimedOut: Error, CustomStringConvertible {
        var waitingFor: String
        var unread: [UInt8]

        var description: String { "timed out waiting for \(waitingFor); unread: \(unread.prefix(200))" }
    }

    struct SystemCallFailed: Error {
        var call: String
        var code: Int32
    }

    enum End: Equatable {
        case finished
        case reset
    }

    struct Frame: Equatable {
        /// First header byte: FIN, RSV and opcode.
        var head: UInt8
        var payload: [UInt8]

        var opcode: UInt8 { head & 0x0f }
        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame.
        var closeCode: Int? { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    private var descriptor: Int32
    private var received: [UInt8] = []
    /// How much of `received` has been taken.
    private var taken = 0
    private var end: End?
    static let timeoutSeconds = 20.0

    convenience init(port: Int) throws {
        try self.init()
        try connect(port: port)
    }

    /// Not yet connected.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallFailed(call: "socket", code: errno) }
    }

    func connect(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // The listener's queue takes the connection at once on loopback.
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw SystemCallFailed(call: "connect", code: errno) }
    }

    deinit {
        close()
    }

    // MARK: Ending

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// RST instead of FIN.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: Sending

    func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await retrying("room to send") {
            sent += try self.sendSome(bytes[sent...])
            return sent == bytes.count ? () : nil
        }
    }

    /// Sends what the socket takes now.
    func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
        if count < 0, errno == EAGAIN { return 0 }
        guard count >= 0 else { throw SystemCallFailed(call: "send", code: errno) }
        return count
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    static func upgradeRequest(_ account: String?) -> String {
        let query = account.map { "?account=\($0)" } ?? ""
        return "GET /ws\(query) HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    }

    /// Upgrades, and leaves the head of the response read.
    static func upgraded(port: Int, account: String?) async throws -> RawClient {
        let client = try RawClient(port: port)
        try await client.send(upgradeRequest(account))
        let head = try await client.readHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw SystemCallFailed(call: head, code: 0) }
        return client
    }

    /// Upgraded, and known to be admitted since a PING was answered.
    static func admitted(port: Int, account: String?) async throws -> RawClient {
        let client = try await upgraded(port: port, account: account)
        try await client.send(frame(.ping, "in?"))
        let pong = try await client.readFrame()
        guard pong == Frame(head: 0x8a, payload: Array("in?".utf8)) else {
            throw SystemCallFailed(call: "pong: \(pong)", code: 0)
        }
        return client
    }

    // MARK: Receiving

    func readHead() async throws -> String {
        try await retrying("the end of a response's head") {
            guard let last = self.unread.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            return String(decoding: self.take(last.upperBound - self.unread.startIndex), as: UTF8.self)
        }
    }

    func readFrame() async throws -> Frame {
        try await retrying("a frame") { self.parseFrame() }
    }

    /// Bytes that are no frame.
    func read(_ count: Int) async throws -> [UInt8] {
        try await retrying("\(count) bytes") { self.unread.count < count ? nil : self.take(count) }
    }

    /// What comes until the connection's end.
    func readToEnd() async throws -> [UInt8] {
        try await retrying("the end of the connection") { self.end == nil ? nil : self.take(self.unread.count) }
    }

    /// Expects nothing but the end.
    func readEnd() async throws -> End {
        let rest = try await readToEnd()
        guard rest.isEmpty else { throw SystemCallFailed(call: "bytes before the end: \(rest.prefix(100))", code: 0) }
        return end ?? .finished
    }

    /// What is there without waiting.
    func poll() -> Frame? {
        receive()
        return parseFrame()
    }

    /// Whether a response's head is there without waiting; it is taken then.
    func pollHead() -> Bool {
        receive()
        guard let last = unread.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        _ = take(last.upperBound - unread.startIndex)
        return true
    }

    var hasEnded: Bool { end != nil }

    private func retrying<Result>(_ what: String, _ attempt: () throws -> Result?) async throws -> Result {
        let deadline = ContinuousClock.now + .seconds(Self.timeoutSeconds)
        while true {
            if let result = try attempt() { return result }
            receive()
            if let result = try attempt() { return result }
            guard ContinuousClock.now < deadline, end == nil else {
                throw TimedOut(
                    waitingFor: end == nil ? what : "\(what), but the connection ended", unread: Array(unread))
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while end == nil {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                received += chunk[..<count]
            } else if count == 0 {
                end = .finished
            } else if errno == EAGAIN {
                return
            } else {
                end = .reset
            }
        }
    }

    private var unread: ArraySlice<UInt8> { received[taken...] }

    private func take(_ count: Int) -> [UInt8] {
        let bytes = Array(received[taken..<(taken + count)])
        taken += count
        if taken > 1 << 20 || taken == received.count {
            received.removeFirst(taken)
            taken = 0
        }
        return bytes
    }

    private func parseFrame() -> Frame? {
        let bytes = unread
        let start = bytes.startIndex
        guard bytes.count >= 2 else { return nil }
        var length = Int(bytes[start + 1] & 0x7f)
        var header = 2
        if length >= 126 {
            let lengthBytes = length == 126 ? 2 : 8
            header += lengthBytes
            guard bytes.count >= header else { return nil }
            length = bytes[(start + 2)..<(start + header)].reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= header + length else { return nil }
        let frame = take(header + length)
        return Frame(head: frame[0], payload: Array(frame[header...]))
    }
}

// MARK: Frames

extension RawClient {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa
    }

    static func frame(_ opcode: Opcode, _ text: String, isFinal: Bool = true) -> [UInt8] {
        frame(head: opcode.rawValue | (isFinal ? 0x80 : 0), payload: Array(text.utf8))
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(head: 0x88, payload: [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + reason)
    }

    /// A frame with any first byte; `announcing` another length than the payload's.
    static func frame(
        head: UInt8, payload: [UInt8], isMasked: Bool = true, announcing length: UInt64? = nil
    ) -> [UInt8] {
        let length = length ?? UInt64(payload.count)
        let mask: UInt8 = isMasked ? 0x80 : 0
        var bytes = [head]
        switch length {
        case ..<126:
            bytes.append(mask | UInt8(length))
        case ..<65536:
            bytes += [mask | 126, UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}
