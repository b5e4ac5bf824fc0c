internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Fetches documents over HTTP and HTTPS for the probes of one watch, on one thread of its own.
///
/// Whoever makes it owns it: share it among the probes and call `shutdown()` in the end, which also ends what is still
/// being fetched.
package final class HTTPFetch: Sendable {
    private static let maxRedirects = 5
    private static let connectTimeoutMs: Int64 = 1500

    private let group: MultiThreadedEventLoopGroup
    private let client: HTTPClient
    /// The thread must outlive the last request.
    private let use = Mutex(Use())

    private struct Use {
        var isShutDown = false
        var requests = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    package init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = HTTPClient.Configuration()
        // Followed here, since each new address has to be looked at.
        configuration.redirectConfiguration = .disallow
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
        guard begin() else { throw Self.stopped(url) }
        defer { end() }
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
        if Task.isCancelled { throw Self.stopped(url) }
        throw Self.timeout(url, timeoutMs)
    }

    /// Ends open requests and the thread; may be called again.
    package func shutdown() async {
        use.withLock { $0.isShutDown = true }
        // These fail only when they were shut down before, which is what is wanted.
        try? await client.shutdown()
        await withCheckedContinuation { continuation in
            let isIdle = use.withLock { use in
                if use.requests > 0 { use.waiters.append(continuation) }
                return use.requests == 0
            }
            if isIdle { continuation.resume() }
        }
        try? await group.shutdownGracefully()
    }

    private func begin() -> Bool {
        use.withLock { use in
            guard !use.isShutDown else { return false }
            use.requests += 1
            return true
        }
    }

    private func end() {
        let waiters = use.withLock { use -> [CheckedContinuation<Void, Never>] in
            use.requests -= 1
            guard use.requests == 0 else { return [] }
            defer { use.waiters = [] }
            return use.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func answer(_ url: String, timeoutMs: Int, limitBytes: Int) async -> Result<[UInt8], ScrapeFailure> {
        do {
            var address = url
            var response = try await self.response(address, timeoutMs)
            for _ in 0..<Self.maxRedirects where (300..<400).contains(response.status.code) {
                guard let location = response.headers.first(name: "Location"),
                    let next = Self.redirected(from: address, to: location)
                else { break }
                address = next
                response = try await self.response(address, timeoutMs)
            }
            guard (200..<300).contains(response.status.code) else {
                return .failure(Self.refusal(address, status: Int(response.status.code)))
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
            return .failure((error as? ScrapeFailure) ?? Self.failure(url, error, timeoutMs))
        }
    }

    private func response(_ url: String, _ timeoutMs: Int) async throws -> HTTPClientResponse {
        if let failure = Self.problem(with: url) { throw failure }
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: "gatecrash")
        do {
            return try await client.execute(request, timeout: .milliseconds(Int64(timeoutMs)))
        } catch  where Self.isLostConnection(error) {
            // Perhaps a kept connection that the server gave up in this moment: once more, on another.
            return try await client.execute(request, timeout: .milliseconds(Int64(timeoutMs)))
        }
    }
}
