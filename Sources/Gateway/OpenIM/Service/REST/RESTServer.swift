internal import HTTPHosting
internal import Logging
internal import NIOCore

/// The REST API's HTTP server.
final class RESTServer: Sendable {
    /// `127.0.0.1:41234`, `[::1]:41234`.
    let address: String
    private let server: HTTPServer

    /// Listens and serves until `stop`.
    static func start(_ service: OpenIMService, logger: Logger) async throws(GatewayError) -> RESTServer {
        let configuration = service.configuration
        let wanted = try ListenAddress.resolve(host: configuration.restHost, port: configuration.restPort)
        let api = RESTAPI(service: service)
        do throws(HTTPServerError) {
            let server = try await HTTPServer.start(
                host: wanted.ipAddress ?? configuration.restHost, port: configuration.restPort, logger: logger
            ) { await api.answer($0) }
            return RESTServer(server)
        } catch {
            switch error {
            case .systemCall(let code): throw GatewayError(listeningOn: ListenAddress.text(wanted), errno: code)
            case .other(let reason): throw .cannotListen(address: ListenAddress.text(wanted), reason: reason)
            }
        }
    }

    private init(_ server: HTTPServer) {
        address = ListenAddress.text(host: server.host, port: server.port)
        self.server = server
    }

    /// Ends every connection and waits for it.
    func stop() async {
        await server.stop()
    }
}
