internal import Dialects
internal import LoadMetrics
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// What the server says in OpenIM's text messages: whether it accepts a login, and pongs.
extension Shard {
    mutating func receivedText(_ index: Int, _ text: UnsafeRawBufferPointer, _ openIM: OpenIM, _ now: Int64) {
        if accounts[index].openIM.awaitsFirstResponse { return receivedFirstResponse(index, text, now) }
        guard openIM.pointee.plan.ping == .text, TextPing.isPong(text) else {
            let excerpt = String(decoding: text.prefix(200), as: UTF8.self)
            return invalidMessage(index, "a text message that is no pong: \(excerpt)", now)
        }
        receivedAnonymousPong(index, now)
    }

    mutating func sendTextPing(_ index: Int) -> SendResult {
        sendFrame(
            index, .text,
            UnsafeRawBufferPointer(start: TextPing.ping.utf8Start, count: TextPing.ping.utf8CodeUnitCount))
    }

    /// Until it has come nothing else counts as an admission; what then admits follows.
    private mutating func receivedFirstResponse(_ index: Int, _ text: UnsafeRawBufferPointer, _ now: Int64) {
        guard let reply = OpenIMReply(json: text) else {
            let excerpt = String(decoding: text.prefix(200), as: UTF8.self)
            return invalidMessage(index, "the first text message is no response to the login: \(excerpt)", now)
        }
        guard reply.errorCode == 0 else {
            return fail(index, Outcome(.refused, code: reply.errorCode), .refused, now)
        }
        accounts[index].openIM.awaitsFirstResponse = false
        switch program.connects[Int(accounts[index].connectIndex)].admit {
        case .none: admitted(index, now)
        case .pong: sendPing(index, .admission, now)
        case .message: break
        }
    }
}
