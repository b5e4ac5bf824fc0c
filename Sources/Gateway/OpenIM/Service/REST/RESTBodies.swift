internal import SwiftProtobuf

/// The bodies of the REST API's requests. As in Go, a member that is absent or null is zero.
enum RESTBodies {
    struct TokenRequest: Decodable {
        var secret: String?
        var platformID: Int32?
        var userID: String?
    }

    struct ParseToken: Decodable {
        var token: String?
    }

    struct Register: Decodable {
        struct User: Decodable {
            var userID: String?
            var nickname: String?
            var faceURL: String?
            var ex: String?
        }

        var secret: String?
        var users: [User]?
    }

    struct CheckAccounts: Decodable {
        var checkUserIDs: [String]?
    }

    struct Users: Decodable {
        var userID: String?
        var userIDs: [String]?
    }

    struct PullRanges: Decodable {
        struct Range: Decodable {
            var conversationID: String?
            var begin: Int64?
            var end: Int64?
            var num: Int64?
        }

        var userID: String?
        var seqRanges: [Range]?
        var order: Int?

        var request: WirePullRangesRequest {
            WirePullRangesRequest.with {
                $0.userID = userID ?? ""
                $0.order = WireOrder(rawValue: order ?? 0) ?? .ascending
                $0.ranges = (seqRanges ?? []).map { range in
                    WireSeqRange.with {
                        $0.conversationID = range.conversationID ?? ""
                        $0.begin = range.begin ?? 0
                        $0.end = range.end ?? 0
                        $0.num = range.num ?? 0
                    }
                }
            }
        }
    }

    /// `content`, an object of any shape, is read apart.
    struct Send: Decodable {
        struct OfflinePush: Decodable {
            var title: String?
            var desc: String?
            var ex: String?
            var iOSPushSound: String?
            var iOSBadgeCount: Bool?
        }

        var sendID: String?
        var recvID: String?
        var groupID: String?
        var senderNickname: String?
        var senderFaceURL: String?
        var senderPlatformID: Int32?
        var contentType: Int32?
        var sessionType: Int32?
        var isOnlineOnly: Bool?
        var notOfflinePush: Bool?
        var sendTime: Int64?
        var offlinePushInfo: OfflinePush?
        var ex: String?
    }
}
