internal import Dispatch
internal import Glibc

/// Runs a gateway as this process's whole business.
///
/// Raises the soft limit of descriptors to the hard one, starts the gateway, writes ``ReadyLine`` to standard
/// output, and waits. The first SIGTERM or SIGINT, or the end of standard input if `exitOnStdinEOF` (so that the
/// process never outlives its parent), shuts down gracefully; the second cuts every connection at once.
///
/// - Throws: why the gateway does not start.
package func runGatewayProcess(
    _ configuration: GatewayConfiguration, exitOnStdinEOF: Bool = false
) async throws(GatewayError) {
    signal(SIGPIPE, SIG_IGN)
    DescriptorLimit.raise()
    let requests = StopRequests(watchStandardInput: exitOnStdinEOF)
    let gateway = try await Gateway.start(configuration)
    writeLine(ReadyLine(address: gateway.address, api: gateway.apiAddress, pid: getpid()).text)

    var stopping: Task<Void, Never>?
    for await _ in requests.stream {
        if stopping == nil {
            stopping = Task {
                await gateway.shutdown()
                requests.finish()
            }
        } else {
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
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    // Not touched after init; kept so that they stay armed.
    nonisolated(unsafe) private let sources: [any DispatchSourceProtocol]

    init(watchStandardInput: Bool) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        self.continuation = continuation
        let queue = DispatchQueue(label: "gatecrash.gateway.stop")
        var sources: [any DispatchSourceProtocol] = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        if watchStandardInput {
            sources.append(Self.inputSource(queue, continuation))
        }
        self.sources = sources
    }

    func finish() {
        continuation.finish()
    }

    private static func inputSource(
        _ queue: DispatchQueue, _ continuation: AsyncStream<Void>.Continuation
    ) -> any DispatchSourceProtocol {
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        source.setEventHandler {
            var discarded = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
            let count = withUnsafeMutableBytes(of: &discarded) { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN)) { return }
            source.cancel()
            continuation.yield()
        }
        source.resume()
        return source
    }
}
