import Foundation
import Glibc

@testable import ServerWatch

/// A server on a port of 127.0.0.1 that answers each connection's first bytes with bytes made beforehand, one connection
/// after the other, in threads of its own.
final class CannedServer: Sendable {
    enum Answer: Sendable {
        /// Then closes.
        case bytes([UInt8])
        /// Reads the request and says nothing until the server is stopped.
        case silence
        /// A byte each 20 ms, for ever.
        case drip([UInt8])
    }

    let port: Int
    private let listener: Int32
    /// A pipe that is closed to end all threads, which poll its other end.
    private let stopper: Int32

    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter answer: to a request line such as `GET / HTTP/1.1`; called from several threads.
    init(_ answer: @escaping @Sendable (String) -> Answer) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        stopper = ends[1]
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, stopEvent) = (listener, ends[0])
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(listener, address, length) == 0 && listen(listener, 64) == 0)
                precondition(getsockname(listener, address, &length) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        Thread.detachNewThread {
            while Self.isReadable(listener, unless: stopEvent) {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { continue }
                Thread.detachNewThread {
                    Self.serve(connection, stopEvent, answer)
                    close(connection)
                }
            }
            close(listener)
        }
    }

    /// Ends all threads; the end that they poll stays open.
    func stop() {
        close(stopper)
    }

    static func ok(_ body: String, headers: String = "") -> Answer {
        .bytes(
            Array(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
                    .utf8))
    }

    private static func isReadable(_ descriptor: Int32, unless stop: Int32, timeoutMs: Int32 = -1) -> Bool {
        var polled = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, 2, timeoutMs) > 0 else { return false }
        return polled[1].revents == 0 && polled[0].revents != 0
    }

    private static func isStopped(_ stop: Int32, within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, milliseconds) > 0
    }

    private static func serve(_ connection: Int32, _ stop: Int32, _ answer: @Sendable (String) -> Answer) {
        var request: [UInt8] = []
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            guard isReadable(connection, unless: stop) else { return }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = read(connection, &part, part.count)
            guard count > 0 else { return }
            request += part.prefix(count)
            // A TLS handshake, to which a server that speaks none answers nonsense.
            if request.first == 0x16 { break }
        }
        let line = String(decoding: request.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        switch answer(line) {
        case .bytes(let bytes): send(bytes, to: connection)
        case .silence: _ = isStopped(stop, within: -1)
        case .drip(let bytes):
            for byte in bytes {
                guard send([byte], to: connection), !isStopped(stop, within: 20) else { return }
            }
        }
    }

    @discardableResult private static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// Runs a test with a fetch, which is shut down whatever happens.
func withFetch<Result>(_ body: (HTTPFetch) async throws -> Result) async throws -> Result {
    let fetch = HTTPFetch()
    do {
        let result = try await body(fetch)
        await fetch.shutdown()
        return result
    } catch {
        await fetch.shutdown()
        throw error
    }
}

/// A folder of a test's own, removed afterwards.
func withSceneFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gatecrash-scene-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
