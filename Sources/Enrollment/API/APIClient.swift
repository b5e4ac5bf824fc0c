internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Asks OpenIM's API over a few kept connections, on one thread of its own, and asks again what may pass.
///
/// Whoever makes it shuts it down in the end.
package final class APIClient: Sendable {
    private let api: String
    private let limits: APILimits
    private let redaction: Redaction
    private let group: MultiThreadedEventLoopGroup
    private let client: HTTPClient
    /// Begins each `operationID`, which must be another for every call.
    private let operationPrefix: String
    private let operations = Atomic<Int>(0)
    private let repeated = Atomic<Int>(0)

    /// - Parameters:
    ///   - api: `http://HOST:PORT`, without a slash at its end.
    ///   - secrets: never to be shown, even if an answer repeats them.
    package init(api: String, secrets: [String], limits: APILimits = APILimits()) throws(APIFailure) {
        try APIAddress.check(api)
        self.api = api
        self.limits = limits
        redaction = Redaction(secrets: secrets)
        operationPrefix = "gatecrash-" + String(UInt64.random(in: 0 ... .max), radix: 16)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .milliseconds(3000)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(limits.connections, 1)
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: group, configuration: configuration)
    }

    /// Calls made again so far.
    package var retries: Int { repeated.load(ordering: .relaxed) }

    /// Ends what is under way, and the thread.
    package func shutdown() async {
        // Fails only when it was shut down before, which is what is wanted.
        try? await client.shutdown()
        try? await group.shutdownGracefully()
    }

    /// The data of a successful answer; a call that fails in a way that may pass is made again after a pause.
    ///
    /// - Parameter token: the admin's, for the calls that need it.
    func call<Answer: Decodable & Sendable>(
        _ path: String, _ body: some Encodable & Sendable, token: String? = nil, as type: Answer.Type
    ) async throws(APIFailure) -> Answer {
        let text: Data
        do {
            text = try JSONEncoder().encode(body)
        } catch {
            throw .unexpected(what: "the request cannot be written as JSON")
        }
        var failures = 0
        while true {
            let failure: APIFailure
            do throws(APIFailure) {
                return try await attempt(path, text, token, as: type)
            } catch {
                failure = error
            }
            failures += 1
            guard failure.mayPass, failures < limits.attempts else { throw failure }
            repeated.wrappingAdd(1, ordering: .relaxed)
            let pause = limits.pause(afterFailures: failures, random: .random(in: 0..<1))
            guard (try? await Task.sleep(for: pause)) != nil else { throw .cancelled }
        }
    }

    /// Never takes longer than the limit, whatever the server does.
    private func attempt<Answer: Decodable & Sendable>(
        _ path: String, _ body: Data, _ token: String?, as type: Answer.Type
    ) async throws(APIFailure) -> Answer {
        let timeout = limits.timeout
        let outcome = await withTaskGroup(of: Result<Answer, APIFailure>?.self) { group in
            group.addTask { await self.answer(path, body, token, as: type) }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if Task.isCancelled { throw .cancelled }
        guard let outcome else { throw .timeout(seconds: timeout / .seconds(1)) }
        return try outcome.get()
    }

    private func answer<Answer: Decodable & Sendable>(
        _ path: String, _ body: Data, _ token: String?, as type: Answer.Type
    ) async -> Result<Answer, APIFailure> {
        var request = HTTPClientRequest(url: api + path)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "gatecrash")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "operationID", value: nextOperationID())
        if let token { request.headers.add(name: "token", value: token) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, deadline: .now() + TimeAmount(limits.timeout))
            var bytes: [UInt8] = []
            for try await part in response.body {
                guard bytes.count + part.readableBytes <= limits.maxAnswerBytes else {
                    return .failure(.unexpected(what: "the answer is longer than \(limits.maxAnswerBytes) bytes"))
                }
                bytes.append(contentsOf: part.readableBytesView)
            }
            return .success(
                try APIEnvelope.open(bytes, status: Int(response.status.code), as: type, redaction))
        } catch {
            return .failure((error as? APIFailure) ?? APIFailure(error, within: limits.timeout))
        }
    }

    private func nextOperationID() -> String {
        "\(operationPrefix)-\(operations.wrappingAdd(1, ordering: .relaxed).newValue)"
    }
}
