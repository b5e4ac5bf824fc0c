import LoadPlan

/// Plans that speak OpenIM, made without a profile.
enum OpenIMPlay {
    static let query = Template(segments: [
        .literal(Array("/?sendID=".utf8)), .placeholder(.account), .literal(Array("&platformID=".utf8)),
        .placeholder(.platform),
    ])

    static func plan(
        _ steps: [Step], against peer: ScriptedPeer, accounts: Int = 1, logins: Int = 1, iterations: Int? = 1,
        duration: Duration? = nil, id: Template? = nil, openIM: OpenIMPlan = OpenIMPlan(),
        resource: Template = OpenIMPlay.query, kick: Kick = Kick(codes: []), backOff: BackOff = BackOff(),
        timeouts: Timeouts = Timeouts(), maxMessageBytes: Int = 16 << 20
    ) -> Plan {
        Plan(
            name: "openim",
            target: .url(TargetURL(isSecure: false, host: "127.0.0.1", port: peer.port, resource: resource)),
            dialect: .openim, openIM: openIM,
            accounts: Accounts(count: accounts, id: id ?? Accounts.defaultID, logins: logins),
            load: Load(
                duration: duration, iterations: iterations, ramp: .milliseconds(5), grace: .seconds(2)),
            steps: steps, timeouts: timeouts, maxMessageBytes: maxMessageBytes, kick: kick, backOff: backOff)
    }

    static func send(_ text: String = "hello", to recipient: Recipient = .ring) -> Step {
        .send(Message(payload: Template(literal: text), recipient: recipient))
    }

    static func receive(_ match: Receive.Match, count: Int = 1, timeout: Duration? = nil) -> Step {
        .receive(Receive(match: match, count: count, timeout: timeout))
    }

    /// Admitted by the 101.
    static let connect = Step.connect(Connect(admit: .none))
    static let close = Step.close(Close())
}

extension ScriptedPeer {
    /// Acknowledges every message, answers every request with nothing in it, and ends the connection after a logout.
    static let openIM: Script = { conversation in
        while let request = try conversation.nextRequest() {
            if request.identifier == 1003 {
                try conversation.send(frame: ServerFrame.answer(request))
            } else {
                try conversation.send(frame: ServerFrame.gob(request.identifier, msgIncr: request.msgIncr))
            }
            if request.identifier == 2003 { return }
        }
    }
}
