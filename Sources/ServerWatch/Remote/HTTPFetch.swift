internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Fetches documents over HTTP and HTTPS for the probes of one watch, on one thread of its own.
///
/// Whoever makes it owns it: share it among the probes, wait until the last of them is done, then call `shutdown()`.
package final class HTTPFetch: Sendable {
    private static let maxRedirects = 5
    private static let connectTimeoutMs: Int64 = 2000

    private let group: MultiThreadedEventLoopGroup
    private let client: HTTPClient

    package init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .follow(max: Self.maxRedirects, allowCycles: false)
        configuration.timeout.connect = .milliseconds(Self.connectTimeoutMs)
        // A server that refuses now is news now; the next sample tries again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: group, configuration: configuration)
    }

    /// The body of a 2xx answer to a GET.
    ///
    /// Never takes longer than `timeoutMs`, whatever the server does, and never holds more than `limitBytes`.
    /// - Throws: also when the calling task is cancelled.
    package func get(_ url: String, timeoutMs: Int, limitBytes: Int) async throws(ScrapeFailure) -> [UInt8] {
        let outcome = await withTaskGroup(of: Result<[UInt8], ScrapeFailure>?.self) { group in
            group.addTask { await self.answer(url, timeoutMs: timeoutMs, limitBytes: limitBytes) }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(timeoutMs))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let outcome { return try outcome.get() }
        if Task.isCancelled { throw ScrapeFailure(.stopped, url: url, what: "given up because the watch ends") }
        throw Self.timeout(url, timeoutMs)
    }

    /// Ends open requests and the thread; may be called again.
    package func shutdown() async {
        // Both fail only when they were shut down before, which is what is wanted.
        try? await client.shutdown()
        try? await group.shutdownGracefully()
    }

    private func answer(_ url: String, timeoutMs: Int, limitBytes: Int) async -> Result<[UInt8], ScrapeFailure> {
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "User-Agent", value: "gatecrash")
            let response = try await client.execute(request, timeout: .milliseconds(Int64(timeoutMs)))
            guard (200..<300).contains(response.status.code) else {
                return .failure(Self.refusal(url, status: Int(response.status.code)))
            }
            var body: [UInt8] = []
            for try await part in response.body {
                guard body.count + part.readableBytes <= limitBytes else {
                    return .failure(
                        ScrapeFailure(
                            .tooLarge, url: url, what: "the answer is longer than \(limitBytes) bytes",
                            advice: "is this the right address?"))
                }
                body.append(contentsOf: part.readableBytesView)
            }
            return .success(body)
        } catch {
            return .failure(Self.failure(url, error, timeoutMs))
        }
    }
}
