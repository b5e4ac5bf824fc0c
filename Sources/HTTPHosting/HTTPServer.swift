internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore

/// An HTTP/1.1 server for requests of modest size, on Hummingbird.
package final class HTTPServer: Sendable {
    /// Without brackets.
    package let host: String
    package let port: Int
    private let task: Task<Void, Never>
    private let serving: ServingLogHandler.Serving

    /// A larger body is answered with 413.
    private static let maxBodyBytes = 16 << 20

    /// Listens and serves until `stop`.
    ///
    /// - Parameters:
    ///   - host: a numeric address.
    ///   - port: 0: the kernel chooses.
    ///   - logger: told errors, until `stop`.
    ///   - respond: called for many requests at once.
    package static func start(
        host: String, port: Int, logger: Logger, respond: @escaping @Sendable (HTTPCall) async -> HTTPReply
    ) async throws(HTTPServerError) -> HTTPServer {
        let (states, report) = AsyncStream.makeStream(of: Result<SocketAddress, any Error>.self)
        let serving = ServingLogHandler.Serving()
        let errors = Logger(label: logger.label) { _ in ServingLogHandler(logger, while: serving) }
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                try await answer(to: request, respond)
            },
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 4096),
            onServerRunning: { channel in
                if let address = channel.localAddress { report.yield(.success(address)) }
            },
            logger: errors)
        let task = Task {
            do {
                try await application.run()
            } catch {
                report.yield(.failure(error))
            }
            report.finish()
        }
        for await state in states {
            switch state {
            case .success(let address):
                return HTTPServer(
                    host: address.ipAddress ?? host, port: address.port ?? port, task: task, serving: serving)
            case .failure(let error as IOError): throw .systemCall(errno: error.errnoCode)
            case .failure(let error): throw .other("\(error)")
            }
        }
        throw .other("it ended at once")
    }

    private init(host: String, port: Int, task: Task<Void, Never>, serving: ServingLogHandler.Serving) {
        self.host = host
        self.port = port
        self.task = task
        self.serving = serving
    }

    /// Ends every connection and waits for it.
    package func stop() async {
        serving.end()
        task.cancel()
        await task.value
    }

    private static func answer(
        to request: Request, _ respond: @Sendable (HTTPCall) async -> HTTPReply
    ) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: maxBodyBytes)
        } catch is NIOTooManyBytesError {
            return Response(status: .contentTooLarge)
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let reply = await respond(
            HTTPCall(
                method: request.method.rawValue, path: request.uri.path, headers: headers,
                body: Array(body.readableBytesView)))
        return Response(
            status: HTTPResponse.Status(code: reply.status), headers: [.contentType: reply.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}

/// Why a server does not start.
package enum HTTPServerError: Error, Equatable {
    /// socket(2), bind(2) or listen(2) failed.
    case systemCall(errno: Int32)
    case other(String)
}
