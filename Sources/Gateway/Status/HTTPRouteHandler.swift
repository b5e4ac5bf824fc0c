internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Answers plain HTTP requests: `/healthz`, `/metrics`, on the admin port `/debug/queues`, and a hint for the rest.
final class HTTPRouteHandler {
    /// Of the gateway's port, where any other path is for WebSocket connections; nil: of the admin port.
    private let loop: LoopState?
    private let status: GatewayStatus
    private var head: HTTPRequestHead?
    private var isUpgraded = false
    /// Registered, or about to be, before the upgrade is answered.
    private var awaited: Session?
    /// The peer sends no more; known only while a session is awaited.
    private(set) var isInputClosed = false

    init(loop: LoopState?, status: GatewayStatus) {
        self.loop = loop
        self.status = status
    }

    /// Whether a request's path belongs to this handler even if it asks for an upgrade.
    static func isReserved(target: String) -> Bool {
        let path = path(of: target)
        return path == "/healthz" || path == "/metrics"
    }

    /// The upgrade is not answered before the session is admitted.
    func await(_ session: Session) {
        awaited = session
    }

    /// The connection is a `ConnectionHandler`'s from now on, and with it the session that was awaited.
    func handOver() -> Session? {
        isUpgraded = true
        defer { awaited = nil }
        return awaited
    }

    private static func path(of target: String) -> Substring {
        target.prefix { $0 != "?" }
    }
}

@available(*, unavailable)
extension HTTPRouteHandler: Sendable {}

extension HTTPRouteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func handlerRemoved(context: ChannelHandlerContext) {
        if !isUpgraded {
            if let awaited {
                loop?.registry.unregister(awaited)
            }
            loop?.connectionClosed(context.channel)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if awaited != nil, case ChannelEvent.inputClosed = event {
            isInputClosed = true
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body:
            break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // The request is answered like any other.
        case is NIOWebSocketUpgradeError: break
        // NIO's own handler has answered 400.
        case is HTTPParserError: end(context)
        default: context.close(promise: nil)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let response = response(to: head)
        let isKeptAlive = head.isKeepAlive && response.status != .badRequest && !status.isDraining
        var headers = response.headers
        headers.add(name: "Content-Length", value: "\(response.body.utf8.count)")
        if !isKeptAlive {
            headers.add(name: "Connection", value: "close")
        }
        let responseHead = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(responseHead)), promise: nil)
        if head.method != .HEAD {
            let body = context.channel.allocator.buffer(string: response.body)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        if isKeptAlive {
            loop?.expectRequest(on: context.channel)
        } else {
            end(context)
        }
    }

    /// Sends no more; the peer's end of the connection, or the deadline, closes it.
    private func end(_ context: ChannelHandlerContext) {
        loop?.expectClose(of: context.channel)
        context.close(mode: .output, promise: nil)
    }

    private func response(to head: HTTPRequestHead) -> Response {
        let path = Self.path(of: head.uri)
        guard Self.isReserved(target: head.uri) || (loop == nil && path == "/debug/queues") else {
            return otherPath(head)
        }
        guard head.method == .GET || head.method == .HEAD else {
            return Response(.methodNotAllowed, "only GET and HEAD\n", headers: ["Allow": "GET, HEAD"])
        }
        switch path {
        case "/metrics":
            return Response(.ok, status.metrics(), headers: ["Content-Type": PrometheusText.contentType])
        case "/debug/queues":
            return Response(.ok, status.queuesDocument(), headers: ["Content-Type": "application/json"])
        default:
            return status.isDraining ? Response(.serviceUnavailable, "draining\n") : Response(.ok, "ok\n")
        }
    }

    private func otherPath(_ head: HTTPRequestHead) -> Response {
        guard let loop else {
            return Response(.notFound, "only /healthz, /metrics and /debug/queues are here\n")
        }
        loop.counters.handshakesRefused.add(1)
        guard case .refuse(let refusal) = UpgradeRequest.decide(head, isDraining: status.isDraining) else {
            return Response(.badRequest, "an upgrade must be the first request of its connection\n")
        }
        let isUpgradeRequired = refusal.status == .upgradeRequired
        return Response(
            refusal.status,
            "\(refusal.hint); connect with ws://HOST:PORT/?account=NAME, or GET /healthz, /metrics\n",
            headers: isUpgradeRequired ? ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"] : [:])
    }

    private struct Response {
        var status: HTTPResponseStatus
        var body: String
        var headers: HTTPHeaders

        init(_ status: HTTPResponseStatus, _ body: String, headers: HTTPHeaders = [:]) {
            self.status = status
            self.body = body
            self.headers = headers
            if headers["Content-Type"].isEmpty {
                self.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
            }
        }
    }
}
