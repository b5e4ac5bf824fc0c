internal import Dialects
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// A handful of connections to a gateway, for a thread that may block.
final class GatewayClient {
    private static let maxConnections = 16
    private static let nsPerS = 1e9

    private let target: TargetURL
    private let plan: OpenIMPlan
    private let loop: EventLoop
    private let addresses: [SocketAddress]
    private let tls: TLSContext?
    private var connections: [GatewayConnection] = []

    /// - Throws: in words, when the target has no address or its TLS settings cannot be used.
    init(_ target: TargetURL, _ plan: OpenIMPlan) throws(GatewayTrouble) {
        self.target = target
        self.plan = plan
        do {
            loop = try EventLoop(maxConnections: Self.maxConnections)
            addresses = try Resolver.resolve(host: target.host, port: UInt16(clamping: target.port))
            tls =
                target.isSecure
                ? try TLSContext(
                    TLSConfiguration(
                        serverName: target.tls.serverName ?? target.host, caFile: target.tls.caFile,
                        insecure: target.tls.insecure)) : nil
        } catch {
            throw GatewayTrouble(description: "\(error)")
        }
    }

    var nowNs: Int64 { loop.refreshNow() }

    /// Connects a login, or somebody without a token, and waits for the answer.
    func open(
        userID: String, platformID: Int, token: String?, within patience: Duration
    ) -> (GatewayConnection, Opening) {
        let deadline = nowNs + nanoseconds(patience)
        var last: (GatewayConnection, Opening)?
        for address in addresses {
            let (connection, opening) = open(userID, platformID, token, address, deadline)
            guard case .unreachable = opening else { return (connection, opening) }
            last = (connection, opening)
        }
        // The resolver never gives none.
        return last!
    }

    /// Sends a request, with `msgIncr` to know its answer by.
    func send(
        _ identifier: Int32, _ data: UnsafeRawBufferPointer, userID: String, msgIncr: String,
        on connection: GatewayConnection
    ) {
        let operationID = "gatecrash-doctor-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
        let frame = bytes(of: userID) { user in
            bytes(of: operationID) { operation in
                bytes(of: msgIncr) { increment in
                    connection.encode(
                        OpenIMRequest(
                            identifier: identifier, sendID: user, operationID: operation, msgIncr: increment,
                            data: data))
                }
            }
        }
        send(.binary, frame, on: connection)
    }

    func ping(on connection: GatewayConnection) {
        if plan.ping == .text {
            send(.text, Array(TextPing.ping.description.utf8), on: connection)
        } else {
            send(.ping, Array("doctor".utf8), on: connection)
        }
    }

    /// The first arrival on `connection` that `isWanted` says true to, which is taken; nil when the time is over or the connection
    /// has ended. What comes before it is kept.
    func wait(
        on connection: GatewayConnection, within patience: Duration, for isWanted: (GatewayEvent) -> Bool
    ) -> GatewayConnection.Arrival? {
        let deadline = nowNs + nanoseconds(patience)
        while true {
            if let index = connection.arrivals.firstIndex(where: { isWanted($0.event) }) {
                return connection.arrivals.remove(at: index)
            }
            guard !connection.isOver, nowNs < deadline else { return nil }
            turn(untilNs: deadline)
        }
    }

    /// Lets time pass while everything that comes is taken in.
    func rest(_ time: Duration) {
        let deadline = nowNs + nanoseconds(time)
        while nowNs < deadline { turn(untilNs: deadline) }
    }

    /// Ends a connection, with a close frame first.
    func close(_ connection: GatewayConnection) {
        if !connection.isOver, connection.opening == .accepted { send(.close, [0x03, 0xE8], on: connection) }
        loop.close(connection.id)
    }

    func closeAll() {
        for connection in connections { close(connection) }
    }

    private func open(
        _ userID: String, _ platformID: Int, _ token: String?, _ address: SocketAddress, _ deadline: Int64
    ) -> (GatewayConnection, Opening) {
        let resource = HandshakeQuery.resource(
            of: target, userID: userID, platformID: platformID, token: token,
            operationID: "gatecrash-doctor-\(String(UInt32.random(in: 0 ... .max), radix: 16))", plan: plan)
        let connection = GatewayConnection(
            request: UpgradeRequest(
                host: target.host, port: target.port, isSecure: target.isSecure, resource: resource, subprotocols: [],
                headers: [("User-Agent", "gatecrash")]), isSecure: target.isSecure, plan: plan)
        connections.append(connection)
        switch loop.connect(to: address, tls: tls, owner: UInt32(connections.count - 1)) {
        case .failed(let failure, _): connection.fail(.unreachable("\(address): \(failure)"))
        case .pending(let id): connection.id = id
        }
        while connection.opening == nil, nowNs < deadline { turn(untilNs: deadline) }
        let opening = connection.opening ?? .timedOut(connection.stage)
        if opening != .accepted { loop.close(connection.id) }
        return (connection, opening)
    }

    /// Waits once, and hands to each connection what is its own.
    private func turn(untilNs deadline: Int64) {
        loop.wait(untilNs: deadline)
        while let completion = loop.next() {
            let connection = connections[Int(completion.owner)]
            switch completion.kind {
            case .connected: if connection.connected(isSecured: false) { sendRequest(connection) }
            case .secured: if connection.connected(isSecured: true) { sendRequest(connection) }
            case .received: connection.received(loop.received, atNs: loop.nowNs)
            case .finished:
                connection.ended("the gateway ended the TCP connection", atNs: loop.nowNs)
                loop.close(connection.id)
            case .failed: failed(connection, completion)
            case .sent, .readable: break
            }
            for payload in connection.takePings() { send(.pong, payload, on: connection) }
        }
    }

    private func failed(_ connection: GatewayConnection, _ completion: Completion) {
        let detail = loop.tlsDetail.isEmpty ? "" : ": \(loop.tlsDetail)"
        let isTLS = completion.failure == .tlsCertificate || completion.failure == .tlsHandshake
        if connection.stage == .tcp || isTLS {
            connection.fail(.unreachable("\(completion.failure)\(isTLS ? detail : "")"))
        } else {
            connection.ended("\(completion.failure)", atNs: loop.nowNs)
        }
    }

    private func sendRequest(_ connection: GatewayConnection) {
        _ = connection.request.withUnsafeBytes { loop.send(connection.id, $0) }
    }

    private func send(_ opcode: Opcode, _ payload: [UInt8], on connection: GatewayConnection) {
        let frame = [UInt8](unsafeUninitializedCapacity: FrameWriter.encodedLength(payloadBytes: payload.count)) {
            buffer, count in
            guard let base = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            count = payload.withUnsafeBytes {
                FrameWriter.write(opcode, maskingKey: .random(in: 0 ... .max), payload: $0, to: base)
            }
        }
        // A connection that is lost tells so by itself.
        _ = frame.withUnsafeBytes { loop.send(connection.id, $0) }
    }

    private func nanoseconds(_ duration: Duration) -> Int64 { Int64(duration / .seconds(1) * Self.nsPerS) }

    private func bytes<Result>(of text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes(body)
    }
}

/// Why no gateway can be connected to at all, in words.
struct GatewayTrouble: Error {
    var description: String
}
