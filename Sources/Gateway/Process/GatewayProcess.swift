internal import Dispatch
internal import Glibc

/// Runs a gateway as this process's whole business.
///
/// Raises the soft limit of descriptors to the hard one, starts the gateway, writes ``ReadyLine`` to standard
/// output, and waits. The first SIGTERM or SIGINT, or the end of standard input if `exitOnStdinEOF` (so that the
/// process never outlives its parent), shuts down gracefully; a signal after that cuts every connection at once. With
/// `exitOnStdinEOF` a line `{"peers":["HOST:PORT",…]}` names the internal addresses of the stack's gateways.
///
/// - Throws: why the gateway does not start.
package func runGatewayProcess(
    _ configuration: GatewayConfiguration, exitOnStdinEOF: Bool = false
) async throws(GatewayError) {
    signal(SIGPIPE, SIG_IGN)
    DescriptorLimit.raise()
    let requests = try StopRequests(watchStandardInput: exitOnStdinEOF)
    let gateway = try await Gateway.start(configuration)
    writeLine(
        ReadyLine(address: gateway.address, api: gateway.apiAddress, internal: gateway.internalAddress, pid: getpid())
            .text)

    var stopping: Task<Void, Never>?
    for await request in requests.stream {
        if case .line(let line) = request {
            gateway.takeInput(line)
        } else if stopping == nil {
            stopping = Task {
                await gateway.shutdown()
                requests.finish()
            }
        } else if request == .signal {
            gateway.cut()
            exitSoon()
        }
    }
    await stopping?.value
}

/// Writes to standard output; that its reader is gone is no reason to stop.
private func writeLine(_ text: String) {
    var line = text + "\n"
    line.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let count = write(STDOUT_FILENO, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

/// Ends the process even if an event loop hangs.
private func exitSoon() {
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { _exit(1) }
}

/// SIGTERM, SIGINT and, if asked for, the end of standard input, as a stream.
private final class StopRequests: Sendable {
    enum Request: Equatable, Sendable {
        case signal
        case inputEnded
        /// Of standard input.
        case line(String)
    }

    let stream: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation
    // Not touched after init; kept so that they stay armed.
    nonisolated(unsafe) private let signals: [any DispatchSourceSignal]

    init(watchStandardInput: Bool) throws(GatewayError) {
        let (stream, continuation) = AsyncStream.makeStream(of: Request.self)
        self.stream = stream
        self.continuation = continuation
        let queue = DispatchQueue(label: "gatecrash.gateway.stop")
        signals = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(.signal) }
            source.resume()
            return source
        }
        if watchStandardInput {
            // A thread, since epoll takes neither files nor /dev/null.
            try NamedThread.start(name: "stdin") {
                readStandardInput { continuation.yield(.line($0)) }
                continuation.yield(.inputEnded)
            }
        }
    }

    func finish() {
        continuation.finish()
    }
}

/// Calls `take` for each line, and returns at the end of standard input.
private func readStandardInput(_ take: (String) -> Void) {
    /// Longer lines are nothing for us.
    let maxBytes = 1 << 20
    var chunk = [UInt8](repeating: 0, count: 4096)
    var line: [UInt8] = []
    while true {
        // Waits also when someone has made it non-blocking.
        var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        _ = poll(&wanted, 1, -1)
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return }
        for byte in chunk[..<count] {
            if byte == UInt8(ascii: "\n") {
                if !line.isEmpty { take(String(decoding: line, as: UTF8.self)) }
                line = []
            } else if line.count < maxBytes {
                line.append(byte)
            }
        }
    }
}
