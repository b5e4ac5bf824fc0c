internal import NIOCore
internal import SwiftProtobuf

/// The clients' requests that the gateways pass on.
extension OpenIMService {
    /// Whatever is pulled beyond it is left out of an answer.
    static let maxAnswerBytes = 16 << 20

    func perform(
        _ identifier: Int32, user: String, operationID: String, _ data: ByteBuffer
    ) throws(OpenIMError) -> ByteBuffer {
        switch identifier {
        case 1001: try bytes(newestSeqs(try parse(data), asker: user))
        case 1002: try bytes(pull(try parse(data)))
        case 1003: try bytes(send(try parse(data), operationID: operationID))
        // A gateway forwards a signal without its message.
        case 1004: throw .arguments("the message is missing")
        case 1005 where version == .v3_8_3: try bytes(pullSeqs(try parse(data)))
        case 1006 where version == .v3_8_3: try bytes(readSeqs(try parse(data)))
        case 1007 where version == .v3_8_3: try bytes(lastMessages(try parse(data)))
        case 2004: try background(try parse(data))
        case 2005 where version == .v3_8_3: try bytes(onlineStatus(try parse(data)))
        default: throw .arguments("no such request: \(identifier)")
        }
    }

    private func parse<Message: SwiftProtobuf.Message>(_ data: ByteBuffer) throws(OpenIMError) -> Message {
        do {
            return try Message(serializedBytes: Array(data.readableBytesView))
        } catch {
            throw .badProtobuf
        }
    }

    private func bytes(_ message: some SwiftProtobuf.Message) throws(OpenIMError) -> ByteBuffer {
        do {
            let bytes: [UInt8] = try message.serializedBytes()
            return ByteBuffer(bytes: bytes)
        } catch {
            throw .internalError("\(error)")
        }
    }

    // MARK: Sequence numbers

    /// 1001: of all conversations of the caller's own.
    func newestSeqs(_ request: WireNewestSeqRequest, asker: String) throws(OpenIMError) -> WireNewestSeqs {
        guard request.userID == asker || users.isAdmin(asker) else {
            throw .noPermission("a user may ask for its own sequence numbers")
        }
        let seqs = messages.seqs(of: request.userID)
        return WireNewestSeqs.with {
            $0.maxSeqs = seqs.mapValues(\.max)
            // 3.5.1 leaves them out.
            if version == .v3_8_3 { $0.minSeqs = seqs.mapValues(\.min) }
        }
    }

    /// 1006.
    private func readSeqs(_ request: WireConversationsRequest) -> WireReadSeqs {
        let asked = request.conversationIds.isEmpty ? nil : request.conversationIds
        return WireReadSeqs.with {
            $0.seqs = messages.seqs(of: request.userID, in: asked).mapValues { seqs in
                WireReadSeq.with {
                    $0.maxSeq = seqs.max
                    $0.readSeq = seqs.read
                    $0.maxSeqTime = seqs.maxTime
                }
            }
        }
    }

    // MARK: Pulling

    /// 1002; conversations that do not exist are left out.
    func pull(_ request: WirePullRangesRequest) throws(OpenIMError) -> WireMessages {
        guard !request.userID.isEmpty else { throw .arguments("the user ID is empty") }
        var answer = WireMessages()
        var budget = Self.maxAnswerBytes
        for range in request.ranges {
            let pulled = try stored {
                try messages.pull(
                    range.conversationID, from: range.begin, to: range.end, count: range.num, budget: &budget)
            }
            guard let pulled else { continue }
            let isEnd = request.order == .ascending ? pulled.maxSeq <= range.end : range.begin <= pulled.minSeq
            add(
                WireMessageList.with {
                    $0.messages = pulled.messages
                    $0.isEnd = isEnd
                }, of: range.conversationID, to: &answer)
        }
        return answer
    }

    /// 1005.
    private func pullSeqs(_ request: WirePullSeqsRequest) throws(OpenIMError) -> WireMessages {
        var answer = WireMessages()
        var budget = Self.maxAnswerBytes
        for asked in request.conversations {
            let pulled = try stored {
                try messages.pull(asked.conversationID, seqs: asked.seqs, budget: &budget)
            }
            guard let pulled else { continue }
            let last = asked.seqs.max() ?? 0
            add(
                WireMessageList.with {
                    $0.messages = pulled.messages
                    $0.isEnd = last >= pulled.maxSeq
                    $0.endSeq = pulled.messages.last?.seq ?? 0
                }, of: asked.conversationID, to: &answer)
        }
        return answer
    }

    /// 1007.
    private func lastMessages(_ request: WireConversationsRequest) throws(OpenIMError) -> WireLastMessages {
        var answer = WireLastMessages()
        for conversation in request.conversationIds {
            answer.messages[conversation] = try stored { try messages.last(conversation) }
        }
        return answer
    }

    private func add(_ list: WireMessageList, of conversation: String, to answer: inout WireMessages) {
        if ConversationID.isNotification(conversation) {
            answer.notifications[conversation] = list
        } else {
            answer.messages[conversation] = list
        }
    }

    private func stored<Result>(_ body: () throws -> Result) throws(OpenIMError) -> Result {
        do {
            return try body()
        } catch {
            throw .internalError("\(error)")
        }
    }

    // MARK: Online status

    /// 2004: the gateway has noted it.
    private func background(_ request: WireBackgroundRequest) throws(OpenIMError) -> ByteBuffer {
        guard !request.userID.isEmpty else { throw .arguments("the user ID is empty") }
        return ByteBuffer()
    }

    /// 2005: who of those subscribed is online where, now; what changes is told later.
    private func onlineStatus(_ request: WireSubscribeRequest) -> WireOnlineStatusTips {
        // Of others nobody ever comes.
        online.watch(request.subscribe.filter(users.isRegistered))
        return tips(request.subscribe.map { ($0, online.platforms(of: $0)) })
    }

    /// Tells those who have subscribed to a user where he is online now; nil: nothing has changed.
    func tell(_ platforms: [Int32]?, of user: String) {
        guard let platforms, let data = try? bytes(tips([(user, platforms)])) else { return }
        gateways.tell(.statusChanged(user: user, data: data))
    }

    private func tips(_ online: [(user: String, platforms: [Int32])]) -> WireOnlineStatusTips {
        WireOnlineStatusTips.with {
            $0.subscribers = online.map { each in
                WireOnlinePlatforms.with {
                    $0.userID = each.user
                    $0.platformIds = each.platforms
                }
            }
        }
    }
}
