internal import CLinux
internal import Glibc
internal import NIOCore

/// Answers `/healthz` and `/metrics` on a thread of its own, one request after the other.
///
/// The thread has a descriptor table of its own (unshare(2), CLONE_FILES): it still accepts when all descriptors of
/// the process are taken. On kernels that cannot do so it shares the process's.
final class AdminServer: Sendable {
    /// What the answers are made of; called on the admin thread.
    struct Pages: Sendable {
        var isDraining: @Sendable () -> Bool
        var metrics: @Sendable () -> String
    }

    let address: String
    let port: Int
    /// A pipe whose closing stops the thread.
    private let stopReader: CInt
    private let stopWriter: CInt
    private let thread: ThreadState

    /// How long a request may take to come.
    private static let requestTime = Duration.seconds(2)
    private static let maxRequestBytes = 16384

    /// Starts the thread and listens.
    static func start(host: String, port: Int, pages: Pages) throws(GatewayError) -> AdminServer {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else {
            throw .cannotStartThread(reason: SystemCallFailure(call: "pipe2", code: errno).description)
        }
        let (stopReader, stopWriter) = (ends[0], ends[1])
        let thread = ThreadState(pages)
        do throws(GatewayError) {
            try NamedThread.start(name: "admin") {
                _ = clinux_unshare_descriptors(UInt32(stopReader))
                do throws(GatewayError) {
                    let listener = try ListeningSocket(host: host, port: port)
                    thread.publish(.success(listener))
                    serve(listener, thread, until: stopReader)
                    close(listener.descriptor)
                } catch {
                    thread.publish(.failure(error))
                }
                thread.end()
            }
            let listener = try thread.waitForListener().get()
            return AdminServer(
                address: listener.address, port: listener.port, stopReader: stopReader, stopWriter: stopWriter,
                thread: thread)
        } catch {
            close(stopReader)
            close(stopWriter)
            thread.forgetPages()
            throw error
        }
    }

    private init(address: String, port: Int, stopReader: CInt, stopWriter: CInt, thread: ThreadState) {
        self.address = address
        self.port = port
        self.stopReader = stopReader
        self.stopWriter = stopWriter
        self.thread = thread
    }

    /// Ends the thread; call once.
    func stop() {
        close(stopWriter)
        thread.waitForEnd()
        close(stopReader)
    }

    // MARK: The thread

    private static func serve(_ listener: ListeningSocket, _ thread: ThreadState, until stopReader: CInt) {
        while true {
            var wanted = [
                pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopReader, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&wanted, 2, -1)
            if wanted[1].revents != 0 { return }
            guard wanted[0].revents != 0 else { continue }
            let descriptor = clinux_accept(listener.descriptor)
            guard descriptor >= 0 else {
                // Without a table of its own it has to wait for a descriptor too.
                usleep(5000)
                continue
            }
            if let pages = thread.pages { answer(BlockingConnection(descriptor), pages) }
            close(descriptor)
        }
    }

    private static func answer(_ connection: BlockingConnection, _ pages: Pages) {
        let deadline = MonotonicTime.now + requestTime
        var time = timeval(tv_sec: Int(requestTime.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                connection.descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout.size(ofValue: time)))
        }
        var request = ByteBuffer()
        while request.readableBytesView.firstRange(of: "\r\n\r\n".utf8) == nil {
            guard request.readableBytes < maxRequestBytes, MonotonicTime.now < deadline,
                let count = try? connection.read(into: &request), count > 0
            else { return }
        }
        let line = request.readableBytesView.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        let fields = line.map { String(decoding: $0, as: UTF8.self) }
        try? connection.write(ByteBuffer(string: response(to: fields, pages)))
        // The peer's end comes first: closing over unread bytes would reset the connection.
        shutdown(connection.descriptor, CInt(SHUT_WR))
        while MonotonicTime.now < deadline, let count = try? connection.read(into: &request), count > 0 {
            request.clear()
        }
    }

    /// - Parameter requestLine: method, target and version (RFC 9112 §3).
    private static func response(to requestLine: [String], _ pages: Pages) -> String {
        guard requestLine.count == 3, requestLine[2].hasPrefix("HTTP/1.") else {
            return text("400 Bad Request", "not an HTTP/1.1 request\n")
        }
        let isHead = requestLine[0] == "HEAD"
        guard isHead || requestLine[0] == "GET" else {
            return text("405 Method Not Allowed", "only GET and HEAD\n", fields: "Allow: GET, HEAD\r\n")
        }
        switch requestLine[1].prefix(while: { $0 != "?" }) {
        case "/healthz":
            return pages.isDraining()
                ? text("503 Service Unavailable", "draining\n", isHead: isHead) : text("200 OK", "ok\n", isHead: isHead)
        case "/metrics":
            return text("200 OK", pages.metrics(), isHead: isHead, type: PrometheusText.contentType)
        default:
            return text("404 Not Found", "only /healthz and /metrics are here\n", isHead: isHead)
        }
    }

    private static func text(
        _ status: String, _ body: String, isHead: Bool = false, type: String = "text/plain; charset=utf-8",
        fields: String = ""
    ) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\(fields)\r\n" + (isHead ? "" : body)
    }
}

extension AdminServer {
    /// What the thread and its owner share.
    ///
    /// The thread must never be the last to hold what the pages are made of: an object that closes its descriptor at
    /// its end would close it in the wrong table. Nor may it start a thread, as resuming a task does: that would have
    /// the admin thread's table too.
    private final class ThreadState: Sendable {
        private let monitor = Monitor()
        // Guarded by `monitor`.
        nonisolated(unsafe) private var shown: Pages?
        nonisolated(unsafe) private var listener: Result<ListeningSocket, GatewayError>?
        nonisolated(unsafe) private var isOver = false

        init(_ pages: Pages) {
            shown = pages
        }

        var pages: Pages? { monitor.withLock { shown } }

        func publish(_ listener: Result<ListeningSocket, GatewayError>) {
            monitor.withLock {
                self.listener = listener
                monitor.broadcast()
            }
        }

        /// Sleeps until the thread listens or has failed to.
        func waitForListener() -> Result<ListeningSocket, GatewayError> {
            monitor.withLock {
                while true {
                    if let listener { return listener }
                    monitor.wait()
                }
            }
        }

        func end() {
            monitor.withLock {
                isOver = true
                monitor.broadcast()
            }
        }

        func waitForEnd() {
            monitor.withLock {
                while !isOver { monitor.wait() }
            }
            forgetPages()
        }

        func forgetPages() {
            monitor.withLock { shown = nil }
        }
    }
}
