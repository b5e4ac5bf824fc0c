internal import SwiftProtobuf

/// Bodies of the requests that are no messages.
package enum RequestBody {
    /// `GetMaxSeqReq`.
    package static func newestSequence(user: String) -> [UInt8] {
        OpenIMGetMaxSeqReq.with { $0.userID = user }.openIMBytes()
    }

    /// `PullMessageBySeqsReq` of the latest `count` messages of the conversation of two users.
    ///
    /// A server cuts the range to what the conversation has, and of a range that is longer than `num` it takes the end
    /// (open-im-server, `GetMsgBySeqsRange` of 3.5.1 and 3.8.3).
    package static func pull(user: String, with other: String, count: Int) -> [UInt8] {
        OpenIMPullMessageBySeqsReq.with { request in
            request.userID = user
            request.seqRanges = [
                .with { range in
                    range.conversationID = conversation(of: user, and: other)
                    range.begin = 1
                    range.end = Int64.max
                    range.num = Int64(count)
                }
            ]
        }.openIMBytes()
    }

    /// `SetAppBackgroundStatusReq`.
    package static func background(user: String, isBackground: Bool) -> [UInt8] {
        OpenIMSetAppBackgroundStatusReq.with { request in
            request.userID = user
            request.isBackground = isBackground
        }.openIMBytes()
    }

    /// `SubUserOnlineStatus`.
    package static func subscribe(to users: [String]) -> [UInt8] {
        OpenIMSubUserOnlineStatus.with { $0.subscribeUserID = users }.openIMBytes()
    }

    /// `DelUserPushTokenReq`.
    package static func logout(user: String, platform: Int32) -> [UInt8] {
        OpenIMDelUserPushTokenReq.with { request in
            request.userID = user
            request.platformID = platform
        }.openIMBytes()
    }

    /// `si_` and the two IDs, the lesser first as Go orders strings: by bytes.
    private static func conversation(of user: String, and other: String) -> String {
        let isOrdered = user.utf8.lexicographicallyPrecedes(other.utf8)
        return isOrdered ? "si_\(user)_\(other)" : "si_\(other)_\(user)"
    }
}

extension Message {
    /// The encoded message.
    func openIMBytes() -> [UInt8] {
        do {
            return try serializedBytes()
        } catch {
            // proto3 has no required fields, and these messages no `Any`.
            preconditionFailure("\(Self.self) cannot be encoded: \(error)")
        }
    }
}
