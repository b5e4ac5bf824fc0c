internal import Foundation
internal import SwiftProtobuf

/// Messages sent and pulled over REST.
extension RESTAPI {
    // MARK: Sending

    /// Text, picture, voice, video, file; of 3.8.3 also at-text; custom; notification.
    private var sendableContentTypes: Set<Int32> {
        let types: Set<Int32> = [101, 102, 103, 104, 105, 110, 1400]
        return version == .v3_5_1 ? types : types.union([106])
    }

    func sendMessage(_ body: RESTBodies.Send, body bytes: [UInt8], operationID: String) throws -> JSONText {
        // gin's `binding:"required"`.
        guard let sendID = body.sendID, !sendID.isEmpty, let contentType = body.contentType, contentType != 0,
            let sessionType = body.sessionType, sessionType != 0, let content = try Self.content(of: bytes)
        else { throw BadBody(reason: "sendID, content, contentType and sessionType are required") }
        guard sendableContentTypes.contains(contentType) else {
            throw OpenIMError.arguments("contentType \(contentType) is not supported")
        }
        guard version == .v3_5_1 || contentType != 1400 || sessionType == 4 else {
            throw OpenIMError.arguments("contentType 1400 needs sessionType 4")
        }
        let sent = try service.send(
            message(body, sendID: sendID, contentType: contentType, sessionType: sessionType, content: content),
            operationID: operationID)
        return .object([
            ("serverMsgID", .string(sent.serverMsgID)), ("clientMsgID", .string(sent.clientMsgID)),
            ("sendTime", .number(sent.sendTime)),
        ])
    }

    /// The object as text; nil: there is none.
    private static func content(of bytes: [UInt8]) throws -> Data? {
        guard let body = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let content = body["content"] as? [String: Any]
        else { return nil }
        return try JSONSerialization.data(withJSONObject: content, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    private func message(
        _ body: RESTBodies.Send, sendID: String, contentType: Int32, sessionType: Int32, content: Data
    ) -> WireMessage {
        WireMessage.with {
            $0.sendID = sendID
            $0.recvID = body.recvID ?? ""
            $0.groupID = body.groupID ?? ""
            $0.clientMsgID = RandomID.make()
            $0.senderPlatformID = body.senderPlatformID ?? 0
            $0.senderNickname = body.senderNickname ?? ""
            $0.senderFaceURL = body.senderFaceURL ?? ""
            $0.sessionType = sessionType
            // Of the system.
            $0.msgFrom = 200
            $0.contentType = contentType
            $0.content = content
            $0.createTime = WallClock.milliseconds
            $0.sendTime = body.sendTime ?? 0
            $0.ex = body.ex ?? ""
            if body.isOnlineOnly == true {
                for option in ["history", "persistent", "senderSync", "conversationUpdate"] {
                    $0.options[option] = false
                }
            }
            if body.notOfflinePush == true { $0.options["offlinePush"] = false }
            if let push = body.offlinePushInfo {
                $0.offlinePush = WireOfflinePush.with {
                    $0.title = push.title ?? ""
                    $0.desc = push.desc ?? ""
                    $0.ex = push.ex ?? ""
                    $0.appleSound = push.iOSPushSound ?? ""
                    $0.appleBadge = push.iOSBadgeCount ?? false
                }
            }
        }
    }

    // MARK: Pulling

    func newestSeq(_ body: RESTBodies.Users, caller: String) throws(OpenIMError) -> JSONText {
        let seqs = try service.newestSeqs(.with { $0.userID = body.userID ?? "" }, asker: caller)
        return .object([
            ("maxSeqs", .sorted(seqs.maxSeqs) { .number($0) }), ("minSeqs", .sorted(seqs.minSeqs) { .number($0) }),
        ])
    }

    func pullMessages(_ body: RESTBodies.PullRanges) throws(OpenIMError) -> JSONText {
        let pulled = try service.pull(body.request)
        return .object([
            ("msgs", .sorted(pulled.messages) { list($0) }),
            ("notificationMsgs", .sorted(pulled.notifications) { list($0) }),
        ])
    }

    private func list(_ list: WireMessageList) -> JSONText {
        var members: [(String, JSONText)] = [
            ("Msgs", .list(list.messages.map { Self.json($0) })), ("isEnd", .bool(list.isEnd)),
        ]
        if version == .v3_8_3 { members.append(("endSeq", .number(list.endSeq))) }
        return .object(members)
    }

    /// As Go writes the message's struct: bytes are base64.
    private static func json(_ message: WireMessage) -> JSONText {
        let addresses: [(String, JSONText)] = [
            ("sendID", .string(message.sendID)), ("recvID", .string(message.recvID)),
            ("groupID", .string(message.groupID)), ("clientMsgID", .string(message.clientMsgID)),
            ("serverMsgID", .string(message.serverMsgID)),
        ]
        let sender: [(String, JSONText)] = [
            ("senderPlatformID", .number(Int64(message.senderPlatformID))),
            ("senderNickname", .string(message.senderNickname)), ("senderFaceURL", .string(message.senderFaceURL)),
        ]
        let content: [(String, JSONText)] = [
            ("sessionType", .number(Int64(message.sessionType))), ("msgFrom", .number(Int64(message.msgFrom))),
            ("contentType", .number(Int64(message.contentType))),
            ("content", .string(message.content.base64EncodedString())), ("seq", .number(message.seq)),
            ("sendTime", .number(message.sendTime)), ("createTime", .number(message.createTime)),
            ("status", .number(Int64(message.status))), ("isRead", .bool(message.isRead)),
        ]
        let extras: [(String, JSONText)] = [
            ("options", .sorted(message.options) { .bool($0) }),
            ("offlinePushInfo", message.hasOfflinePush ? json(message.offlinePush) : .null),
            ("atUserIDList", .list(message.atUserIds.map { .string($0) })),
            ("attachedInfo", .string(message.attachedInfo)), ("ex", .string(message.ex)),
        ]
        return .object(addresses + sender + content + extras)
    }

    private static func json(_ push: WireOfflinePush) -> JSONText {
        .object([
            ("title", .string(push.title)), ("desc", .string(push.desc)), ("ex", .string(push.ex)),
            ("iOSPushSound", .string(push.appleSound)), ("iOSBadgeCount", .bool(push.appleBadge)),
            ("signalInfo", .string(push.signalInfo)),
        ])
    }
}

extension JSONText {
    /// As Go writes a map: its keys in order; nil, and so null, when it is empty.
    fileprivate static func sorted<Value>(_ map: [String: Value], _ json: (Value) -> JSONText) -> JSONText {
        guard !map.isEmpty else { return .null }
        let keys = map.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return .object(keys.compactMap { key in map[key].map { (key, json($0)) } })
    }
}
