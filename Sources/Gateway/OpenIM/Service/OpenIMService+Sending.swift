internal import NIOCore
internal import SwiftProtobuf

/// Messages on their way: checked, numbered, kept, pushed.
extension OpenIMService {
    /// Kinds of conversations (`sessionType`).
    private enum SessionType: Int32 {
        case single = 1
        case group = 3
        case notification = 4
    }

    /// 1003, or `/msg/send_msg`.
    func send(_ message: WireMessage, operationID: String) throws(OpenIMError) -> WireSent {
        guard message.sessionType == SessionType.single.rawValue else {
            return try accept(message, operationID: operationID)
        }
        do throws(OpenIMError) {
            let sent = try accept(message, operationID: operationID)
            status.singleChatMessages.add(1)
            return sent
        } catch {
            status.singleChatFailures.add(1)
            throw error
        }
    }

    private func accept(_ message: WireMessage, operationID: String) throws(OpenIMError) -> WireSent {
        guard !message.sendID.isEmpty, !message.content.isEmpty else {
            throw .arguments("the sender's ID or the content is empty")
        }
        guard let sessionType = SessionType(rawValue: message.sessionType) else {
            throw .arguments("unknown sessionType \(message.sessionType)")
        }
        // Nothing makes groups here.
        guard sessionType != .group else { throw .recordNotFound("no group \(message.groupID)") }
        guard users.isRegistered(message.recvID) else { throw .recordNotFound("no user \(message.recvID)") }
        var message = message
        message.serverMsgID = RandomID.make()
        if message.sendTime == 0 { message.sendTime = WallClock.milliseconds }
        let conversation = ConversationID.ofTwo(
            message.sendID, message.recvID, isNotification: sessionType == .notification)
        do {
            if message.isOn("history") { try messages.append(&message, to: conversation) }
            try push(message, of: conversation, operationID: operationID)
        } catch {
            throw .internalError("\(error)")
        }
        return WireSent.with {
            $0.serverMsgID = message.serverMsgID
            $0.clientMsgID = message.clientMsgID
            $0.sendTime = message.sendTime
        }
    }

    /// To the receiver, and to the sender's own connections.
    private func push(_ message: WireMessage, of conversation: String, operationID: String) throws {
        let push = WireMessages.with {
            $0.messages[conversation] = WireMessageList.with { $0.messages = [message] }
        }
        let bytes: [UInt8] = try push.serializedBytes()
        var receivers = [message.recvID]
        if message.sendID != message.recvID, message.isOn("senderSync") { receivers.append(message.sendID) }
        pushes.enqueue(
            PushDelivery.Push(
                users: receivers, operationID: operationID, data: ByteBuffer(bytes: bytes), sendTime: message.sendTime))
    }
}

extension WireMessage {
    /// An option that is absent is on.
    fileprivate func isOn(_ option: String) -> Bool { options[option] ?? true }
}

/// 128 random bits as 32 hexadecimal digits, which is how OpenIM's message IDs look.
enum RandomID {
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = [generator.next(), generator.next()].map { (half: UInt64) in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return halves.joined()
    }
}
