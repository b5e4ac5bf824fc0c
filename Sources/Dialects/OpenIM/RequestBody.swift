/// Bodies of the requests that are no messages.
package enum RequestBody {
    /// `GetMaxSeqReq`.
    package static func newestSequence(user: String) -> [UInt8] { [] }

    /// `PullMessageBySeqsReq` of the latest `count` messages of the conversation of two users.
    package static func pull(user: String, with other: String, count: Int) -> [UInt8] { [] }

    /// `SetAppBackgroundStatusReq`.
    package static func background(user: String, isBackground: Bool) -> [UInt8] { [] }

    /// `SubUserOnlineStatus`.
    package static func subscribe(to users: [String]) -> [UInt8] { [] }

    /// `DelUserPushTokenReq`.
    package static func logout(user: String, platform: Int32) -> [UInt8] { [] }
}
