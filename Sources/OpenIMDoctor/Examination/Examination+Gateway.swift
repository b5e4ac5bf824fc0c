internal import Dialects
internal import LoadPlan

extension Examination {
    static let frozen =
        "a gateway that answers the handshake and then nothing has a registration loop that is stuck: look at its "
        + "go_goroutines (rising with every attempt) and online_user_num (constant), keep a goroutine dump if there is "
        + "one to be had, and restart it; until then nobody new can log in, while old sessions go on"

    /// Connects without a token: every OpenIM gateway refuses that in the same way.
    mutating func reachGateway() -> Result {
        guard let target else { return .skipped("no gateway was named") }
        let client: GatewayClient
        do throws(GatewayTrouble) {
            client = try GatewayClient(target, plan)
        } catch {
            isUnreachable = true
            return .failed(error.description, advice: "check the gateway's host name and TLS settings")
        }
        gateway = client
        let (connection, opening) = client.open(
            userID: OpenIMDoctor.accounts[0], platformID: platform, token: nil, within: patience.handshake)
        switch opening {
        case .refused(let reply) where reply.errorCode == 1602:
            return .ok("it refuses a handshake without a token with 1602, as an OpenIM gateway does")
        case .accepted:
            defer { client.close(connection) }
            let end = client.wait(on: connection, within: .seconds(1)) { $0.isEnd }
            guard end != nil else {
                return .failed(
                    "it lets anybody in, without a token",
                    advice: "is that an OpenIM gateway? its port is 10001 unless configured otherwise")
            }
            return .ok(
                "a proxy before it answers 101 to everybody and cuts refused ones off: why a login is refused cannot be seen "
                    + "through it (openim-msggateway-proxy does so)")
        case .refused, .rejected, .invalid, .unreachable, .timedOut, .ended:
            if case .unreachable = opening { isUnreachable = true }
            // Useless for what follows.
            gateway = nil
            return Self.failure(opening, of: nil)
        }
    }

    mutating func connect() -> Result {
        guard let gateway else {
            return .skipped(target == nil ? "no gateway was named" : "the gateway did not answer")
        }
        guard tokens.count == 2 else { return .skipped("there are no tokens") }
        var connections: [GatewayConnection] = []
        for (account, token) in zip(OpenIMDoctor.accounts, tokens) {
            let (connection, opening) = gateway.open(
                userID: account, platformID: platform, token: token, within: patience.handshake)
            guard opening == .accepted else { return Self.failure(opening, of: account) }
            connections.append(connection)
        }
        sender = connections[0]
        receiver = connections[1]
        return .ok("101 for both accounts")
    }

    mutating func admit() -> Result {
        guard let sender, let receiver else { return .skipped("no connection") }
        for (account, connection) in zip(OpenIMDoctor.accounts, [sender, receiver]) {
            if let failure = admission(of: connection, account) { return failure }
        }
        isAdmitted = true
        admittedNs = gateway?.nowNs ?? 0
        return .ok("PONG, and an answer to a request (1001), on both connections")
    }

    /// nil when `connection` is served.
    func admission(of connection: GatewayConnection, _ account: String) -> Result? {
        guard let gateway else { return .skipped("no connection") }
        gateway.ping(on: connection)
        RequestBody.newestSequence(user: account).withUnsafeBytes { body in
            gateway.send(
                OpenIMOperation.newestSequence, body, userID: account, msgIncr: "\(account)_1", on: connection)
        }
        let answer = gateway.wait(on: connection, within: patience.answer) {
            $0.answers(OpenIMOperation.newestSequence) || $0.isEnd
        }
        let pong = gateway.wait(on: connection, within: answer == nil ? .zero : patience.answer) {
            $0.isPong || $0.isEnd
        }
        let seconds = patience.answer / .seconds(1)
        switch (answer?.event, pong?.event) {
        case (.ended(let how), _), (_, .ended(let how)): return cutOff(connection, account, how)
        case (.frame(let frame), _) where frame.errorCode != 0:
            return .failed(
                "request 1001 of \(account) was answered with error \(frame.errorCode) \(frame.errorMessage)",
                advice: MessageErrorWords.advice(frame.errorCode))
        case (nil, nil):
            return .failed(
                "101, and then nothing for \(seconds) s: no PONG, no answer (\(account))", advice: Self.frozen)
        case (nil, _):
            return .failed(
                "a PONG, but no answer to a request within \(seconds) s (\(account))",
                advice:
                    "the gateway reads, but the message service (openim-rpc-msg) behind it does not answer: see its log"
            )
        case (_, nil):
            return .failed(
                "requests are answered, but no PONG came within \(seconds) s (\(account))",
                advice: "a proxy between may swallow PINGs: connections will be cut after 30 s without a request")
        default: return nil
        }
    }

    /// A first text message may have said why.
    private func cutOff(_ connection: GatewayConnection, _ account: String, _ how: String) -> Result {
        for case .text(let text) in connection.arrivals.map(\.event) {
            let reply = Array(text.utf8).withUnsafeBytes { OpenIMReply(json: $0) }
            if let reply, reply.errorCode != 0 { return Self.failure(.refused(reply), of: account) }
        }
        return .failed(
            "101, and right behind it the connection was cut (\(account)): \(how)",
            advice:
                "a proxy that upgrades first (openim-msggateway-proxy) cuts off whom the gateway refuses, and whom it "
                + "cannot pass on: connect to the gateway itself, or ask for a first response (isMsgResp), to see why")
    }

    static func failure(_ opening: Opening, of account: String?) -> Result {
        let whose = account.map { " (\($0))" } ?? ""
        switch opening {
        case .accepted: return .failed("101\(whose)", advice: frozen)
        case .refused(let reply):
            return .failed(
                "HTTP 200 with errCode \(reply.errorCode) \(PrintableText.excerpt(reply.errorMessage.utf8))\(whose)",
                advice: RefusalWords.advice(reply.errorCode))
        case .rejected(let status, let body):
            return .failed(
                "HTTP \(status) instead of a 101\(whose)" + (body.isEmpty ? "" : "; it begins: \(body)"),
                advice: RefusalWords.advice(status: status))
        case .invalid(let what):
            return .failed(
                what,
                advice:
                    "something else listens there (10001 is the gateway's port, 10002 the API's), or TLS is mixed up")
        case .unreachable(let what):
            return .failed(
                what, advice: "check host and port of the gateway (10001 unless configured otherwise) and that it runs")
        case .timedOut(.tcp):
            return .failed(
                "no TCP connection in time\(whose)",
                advice: "a firewall drops the packets, or the gateway's accept queue is full (ss -ltn)")
        case .timedOut(.tls):
            return .failed(
                "a TCP connection, but no TLS handshake in time\(whose)",
                advice: "does the port speak TLS? (write ws:// if it does not; 10001 of OpenIM itself does not)")
        case .timedOut(.answer):
            return .failed(
                "a TCP connection, but no answer to the handshake in time\(whose)",
                advice:
                    "the kernel accepted, the gateway did not: is it out of file descriptors (log: accept4: too many open "
                    + "files), stopped, or stuck?")
        case .ended(let how):
            return .failed(
                "the connection ended within the handshake\(whose): \(how)",
                advice: "does the port speak TLS (wss://)? did the gateway crash? see its log")
        }
    }
}

extension GatewayEvent {
    var isEnd: Bool { if case .ended = self { true } else { false } }
    var isPong: Bool {
        switch self {
        case .pong: true
        case .text(let text): Array(text.utf8).withUnsafeBytes { TextPing.isPong($0) }
        case .frame, .ended: false
        }
    }

    func answers(_ identifier: Int32) -> Bool {
        if case .frame(let frame) = self { frame.identifier == identifier && !frame.msgIncr.isEmpty } else { false }
    }

    var isKick: Bool {
        if case .frame(let frame) = self { frame.identifier == OpenIMOperation.kick } else { false }
    }
}
