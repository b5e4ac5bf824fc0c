internal import Dialects
internal import Enrollment
internal import Glibc
internal import LoadPlan

/// A message on its way.
struct SentMessage {
    var id: ClientMessageID
    /// CLOCK_MONOTONIC.
    var sentNs: Int64
    var acknowledgedNs: Int64
}

extension Examination {
    /// Where an answer is named in a request of the sender.
    private static let messageMark = "gatecrash_doctor_message"

    mutating func sendMessage() -> Result {
        guard let gateway, let sender, receiver != nil, isAdmitted else { return .skipped("nobody is connected") }
        if openIM?.version == .v3_8_3 {
            let waitedNs = gateway.nowNs - admittedNs
            let delay = patience.onlineDelay - .nanoseconds(waitedNs)
            if delay > .zero { gateway.rest(delay) }
        }
        let sentNs = gateway.nowNs
        let id = ClientMessageID(dueNs: sentNs, client: .random(in: 0 ... .max), sequence: 1)
        let body = messageBody(id)
        body.withUnsafeBytes {
            gateway.send(
                OpenIMOperation.sendMessage, $0, userID: OpenIMDoctor.accounts[0], msgIncr: Self.messageMark, on: sender
            )
        }
        let answer = gateway.wait(on: sender, within: patience.answer) {
            $0.answers(OpenIMOperation.sendMessage) || $0.isEnd
        }
        switch answer?.event {
        case .frame(let frame) where frame.errorCode == 0:
            let acknowledgedNs = answer?.atNs ?? sentNs
            sent = SentMessage(id: id, sentNs: sentNs, acknowledgedNs: acknowledgedNs)
            return .ok("\(milliseconds(acknowledgedNs - sentNs)) after it was sent")
        case .frame(let frame):
            return .failed(
                "error \(frame.errorCode) \(frame.errorMessage)", advice: MessageErrorWords.advice(frame.errorCode))
        case .ended(let how):
            return .failed(
                "the connection ended instead: \(how)",
                advice:
                    "the gateway cuts connections whose frames it cannot read: does the encoding fit (gob, json, gzip)?"
            )
        default:
            return .failed(
                "no acknowledgement within \(patience.answer / .seconds(1)) s",
                advice: "the message service or Kafka behind it is stuck: see the log of openim-rpc-msg")
        }
    }

    mutating func awaitPush() -> Result {
        guard let gateway, let sender, let receiver, let sent else { return .skipped("no message was sent") }
        let push = gateway.wait(on: receiver, within: patience.answer) { $0.isPush(of: sent.id) || $0.isEnd }
        switch push?.event {
        case .frame:
            let own = gateway.wait(on: sender, within: .seconds(1)) { $0.isPush(of: sent.id) || $0.isEnd }
            let hasOwn = if case .frame = own?.event { true } else { false }
            return .ok(
                "the receiver has it \(milliseconds((push?.atNs ?? 0) - sent.sentNs)) after it was sent; "
                    + (hasOwn ? "the sender's own copy came too" : "the sender's own copy did not come"))
        case .ended(let how):
            return .failed("the receiver's connection ended instead: \(how)", advice: "see the gateway's log")
        default:
            return .failed(
                "acknowledged, but not delivered within \(patience.answer / .seconds(1)) s",
                advice:
                    "see openim-msgtransfer and openim-push (do they run? is Kafka's consumer lag growing?), and whether "
                    + "push reaches every gateway; 3.5.1 drops pushes that are older than 10 s without a word")
        }
    }

    /// The sender logs in again: what becomes of the first connection tells the login policy.
    mutating func takeOver() -> Result {
        guard let gateway, let first = sender, isAdmitted, let token = tokens.first else {
            return .skipped("nobody is connected")
        }
        let account = OpenIMDoctor.accounts[0]
        let (second, opening) = gateway.open(
            userID: account, platformID: platform, token: token, within: patience.handshake)
        guard opening == .accepted else { return Self.failure(opening, of: account) }
        if let failure = admission(of: second, account) { return failure }
        sender = second
        let kick = gateway.wait(on: first, within: patience.kick) { $0.isKick || $0.isEnd }
        defer { gateway.close(first) }
        switch kick?.event {
        case .frame: return .ok("the earlier login of the same platform is kicked (2002): policy 1, 4 or 5")
        case .ended(let how):
            return .ok("the earlier login is cut off without a word (no 2002): \(how)")
        default:
            return .ok(
                "both logins stay: policy 0, or 5 with a computer's platform; with any other policy kicks do not work "
                    + "(seen for \(patience.kick / .seconds(1)) s)")
        }
    }

    mutating func logOut() -> Result {
        guard let gateway, let sender, isAdmitted, !sender.isOver else { return .skipped("nobody is connected") }
        let account = OpenIMDoctor.accounts[0]
        RequestBody.logout(user: account, platform: Int32(platform)).withUnsafeBytes {
            gateway.send(OpenIMOperation.logout, $0, userID: account, msgIncr: "\(account)_2", on: sender)
        }
        let answer = gateway.wait(on: sender, within: patience.answer) {
            $0.answers(OpenIMOperation.logout) || $0.isEnd
        }
        switch answer?.event {
        case .frame(let frame) where frame.errorCode != 0:
            return .failed(
                "error \(frame.errorCode) \(frame.errorMessage)",
                advice: "logging out removes a push token: see the logs of openim-push and of the third-party service")
        case .frame:
            let end = gateway.wait(on: sender, within: patience.answer) { $0.isEnd }
            return end == nil
                ? .failed(
                    "answered, but the connection stays open",
                    advice: "is that an OpenIM gateway? it ends a connection that logs out")
                : .ok("answered, and the connection is ended")
        case .ended(let how): return .failed("no answer: \(how)", advice: "see the gateway's log")
        default:
            return .failed("no answer within \(patience.answer / .seconds(1)) s", advice: "see the gateway's log")
        }
    }

    /// A logout does not end the token's life.
    mutating func useTokenAgain() -> Result {
        guard let gateway, isAdmitted, let token = tokens.first else { return .skipped("nobody was connected") }
        let account = OpenIMDoctor.accounts[0]
        let (connection, opening) = gateway.open(
            userID: account, platformID: platform, token: token, within: patience.handshake)
        switch opening {
        case .accepted:
            return admission(of: connection, account) ?? .ok("it still opens a connection, as it should after a logout")
        case .refused(let reply) where [1506, 1507].contains(reply.errorCode):
            return .ok(
                "it is no longer accepted (\(reply.errorCode)): this deployment ends tokens with a logout or a kick")
        default: return Self.failure(opening, of: account)
        }
    }

    private func messageBody(_ id: ClientMessageID) -> [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var body = MessageBody(to: .user, platform: Int32(platform))
        let (sender, receiver) = (Array(OpenIMDoctor.accounts[0].utf8), Array(OpenIMDoctor.accounts[1].utf8))
        let text = Array("gatecrash doctor".utf8)
        return sender.withUnsafeBytes { sender in
            receiver.withUnsafeBytes { receiver in
                text.withUnsafeBytes { text in
                    Array(
                        body.render(
                            sender: sender, receiver: receiver, clientMessageID: id, text: text,
                            createTimeMs: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000))
                }
            }
        }
    }

    private func milliseconds(_ ns: Int64) -> String { "\((Double(ns) / 1e5).rounded() / 10) ms" }
}

extension GatewayEvent {
    func isPush(of id: ClientMessageID) -> Bool {
        guard case .frame(let frame) = self, frame.identifier == OpenIMOperation.push else { return false }
        var isThere = false
        frame.data.withUnsafeBytes { data in
            // A body that cannot be read holds no message of ours.
            try? PushedMessage.forEach(in: data) { if $0.clientMessageID == id { isThere = true } }
        }
        return isThere
    }
}
