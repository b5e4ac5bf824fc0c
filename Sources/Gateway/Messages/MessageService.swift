internal import Glibc
internal import Logging
internal import NIOCore
internal import Synchronization

/// The service behind the gateways that answers their messages.
///
/// One thread accepts; each connection has a thread of its own that blocks on it, so that as many requests run at
/// once as there are connections. The protocol is ``MessageFrame``.
package final class MessageService: Sendable {
    /// `127.0.0.1:41234`, `[::1]:41234`: where gateways connect to.
    package let address: String
    package let port: Int
    /// Where `/healthz` and `/metrics` are answered, even when no descriptor is left for anything else.
    package let apiAddress: String
    package let apiPort: Int
    /// Where OpenIM's REST API is; nil: the service echoes.
    package var restAddress: String? { rest?.address }

    let status: MessageServiceStatus
    private let logger: Logger
    private let admin: AdminServer
    private let listener: ListeningSocket
    private let connections: ServedConnections
    let handler: RequestHandler
    private let rest: RESTServer?
    private let shutdownTask = Mutex<Task<Void, Never>?>(nil)
    private static let shutdownTime = Duration.seconds(5)

    /// Starts all threads and listens.
    ///
    /// - Throws: why it cannot; nothing is left running then.
    package static func start(_ configuration: MessageServiceConfiguration) async throws(GatewayError) -> MessageService
    {
        try configuration.validate()
        let log = try LogFile(path: configuration.logFile)
        let status = MessageServiceStatus(
            name: configuration.name, log: log, openIM: configuration.openIM?.version)
        let pages = AdminServer.Pages(isDraining: { status.isDraining }, metrics: { status.metrics() })
        // First, while its own descriptor table has little to leave out.
        let admin = try AdminServer.start(
            host: configuration.apiHost, port: configuration.apiPort, pages: pages)
        do throws(GatewayError) {
            let listener = try ListeningSocket(host: configuration.host, port: configuration.port)
            do throws(GatewayError) {
                return try await start(configuration, status: status, admin: admin, listener: listener)
            } catch {
                close(listener.descriptor)
                throw error
            }
        } catch {
            admin.stop()
            throw error
        }
    }

    private static func start(
        _ configuration: MessageServiceConfiguration, status: MessageServiceStatus, admin: AdminServer,
        listener: ListeningSocket
    ) async throws(GatewayError) -> MessageService {
        let logger = Logger(label: configuration.name) { _ in
            JSONLineLogHandler(file: status.log, level: configuration.logLevel)
        }
        let handler = RequestHandler(configuration, status: status, logger: logger)
        var rest: RESTServer?
        do throws(GatewayError) {
            if let openIM = handler.openIM {
                try openIM.start()
                rest = try await RESTServer.start(openIM, logger: logger)
            }
            let service = MessageService(
                status: status, logger: logger, admin: admin, listener: listener, handler: handler, rest: rest)
            try NamedThread.start(name: "accept") { service.accept() }
            service.logStart()
            return service
        } catch {
            handler.stop()
            await rest?.stop()
            throw error
        }
    }

    private init(
        status: MessageServiceStatus, logger: Logger, admin: AdminServer, listener: ListeningSocket,
        handler: RequestHandler, rest: RESTServer?
    ) {
        address = listener.address
        port = listener.port
        apiAddress = admin.address
        apiPort = admin.port
        self.status = status
        self.logger = logger
        self.admin = admin
        self.listener = listener
        self.handler = handler
        self.rest = rest
        connections = ServedConnections()
    }

    private func logStart() {
        var metadata: Logger.Metadata = ["address": .string(address), "api": .string(apiAddress)]
        if let restAddress { metadata["rest"] = .string(restAddress) }
        logger.info("listening", metadata: metadata)
    }

    /// Takes a line of standard input: `{"gatewayMetrics":["HOST:PORT",…]}` says where the gateways' metrics are, for who
    /// asks OpenIM's `/prometheus_discovery/msg_gateway`.
    package func takeInput(_ line: String) {
        guard handler.openIM?.metricsTargets.take(line) != true else { return }
        logger.warning("input not understood")
    }

    /// Accepts no more, ends every connection, and waits for their threads; later calls wait for the first.
    package func shutdown() async {
        let task = shutdownTask.withLock { task in
            let running = task ?? Task { await self.performShutdown() }
            task = running
            return running
        }
        await task.value
    }

    private func performShutdown() async {
        status.beginDraining()
        listener.stop()
        // First: calls of the REST API may wait for gateways.
        handler.stop()
        await rest?.stop()
        connections.endAll()
        let deadline = ContinuousClock.now + Self.shutdownTime
        while !(connections.areAllGone && handler.hasEnded), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(2))
        }
        logger.info(
            "stopped",
            metadata: [
                "connections": .stringConvertible(status.connectionsAccepted.value),
                "requests": .stringConvertible(status.requests.value),
                "accept_errors": .stringConvertible(status.acceptErrors.value),
                "log_lines_lost": .stringConvertible(status.log.linesLost),
            ])
        admin.stop()
    }
}

// MARK: The accepting thread

extension MessageService {
    private func accept() {
        var retry = AcceptRetry()
        accepting: while true {
            switch listener.accept() {
            case .stopped:
                break accepting
            case .connection(let descriptor):
                retry.succeeded()
                serve(descriptor)
            case .failed(let code):
                status.acceptErrors.add(1)
                let delay = retry.afterFailure()
                let reason = Self.reason(code)
                logger.error("accept4: \(reason); retrying in \(AcceptRetry.text(delay))")
                guard !connections.waitForEnd(noLongerThan: delay) else { break accepting }
            }
        }
        close(listener.descriptor)
        connections.stoppedAccepting()
    }

    /// As Go writes it, in lower case.
    private static func reason(_ code: CInt) -> String {
        String(cString: strerror(code)).lowercased()
    }

    private func serve(_ descriptor: CInt) {
        status.connectionsAccepted.add(1)
        guard connections.add(descriptor) else {
            close(descriptor)
            status.connectionsClosed.add(1)
            return
        }
        do {
            try NamedThread.start(name: "requests") { self.runConnection(BlockingConnection(descriptor)) }
        } catch {
            logger.error("no thread for a connection", metadata: ["error": .string("\(error)")])
            end(descriptor)
        }
    }

    private func end(_ descriptor: CInt) {
        connections.remove(descriptor)
        status.connectionsClosed.add(1)
    }
}

// MARK: A connection's thread

extension MessageService {
    private func runConnection(_ connection: BlockingConnection) {
        defer { end(connection.descriptor) }
        do {
            try answerRequests(on: connection)
        } catch let error as MessageFrame.Malformed {
            logger.warning("not a gateway", metadata: ["error": .string("\(error)")])
        } catch {
            logger.debug("connection lost", metadata: ["error": .string("\(error)")])
        }
    }

    /// Returns when the gateway has ended the connection.
    private func answerRequests(on connection: BlockingConnection) throws {
        var input = ByteBuffer()
        var output = ByteBuffer()
        var gateway: CallingGateway?
        while true {
            switch try MessageFrame.read(from: &input) {
            case nil:
                input.discardReadBytes()
                if try connection.read(into: &input) == 0 { return }
            case .hello(let address):
                gateway = CallingGateway(address: address)
                if let gateway { handler.hello(gateway) }
            case .request(let session, let call, let account, let payload):
                let answer = handler.handle(
                    session: session, call: call, account: account, payload: payload, gateway: gateway)
                output.clear()
                answer.write(to: &output)
                try connection.write(output)
            case .reply, .pushed, .failed, .push, .order, .done:
                throw MessageFrame.Malformed.unexpected
            }
        }
    }
}
