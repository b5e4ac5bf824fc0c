import SwiftProtobuf
import Testing

@testable import Dialects

/// Against swift-protobuf, and against the sheet's bytes.
@Suite struct MessageBodyTests {
    private static func render(
        _ body: borrowing BodyBox, _ sender: String, _ receiver: String, _ id: ClientMessageID, _ text: String,
        _ time: Int64
    ) -> [UInt8] {
        let (senderBytes, receiverBytes) = (ExactBytes(Array(sender.utf8)), ExactBytes(Array(receiver.utf8)))
        let textBytes = ExactBytes(Array(text.utf8))
        return Array(
            body.body.render(
                sender: senderBytes.view, receiver: receiverBytes.view, clientMessageID: id, text: textBytes.view,
                createTimeMs: time))
    }

    final class BodyBox {
        var body: MessageBody

        init(to destination: MessageBody.Destination, platform: Int32) {
            body = MessageBody(to: destination, platform: platform)
        }
    }

    @Test func aTextMessage() throws {
        let id = ClientMessageID(dueNs: 5, client: 6, sequence: 7)
        for (destination, platform) in [(MessageBody.Destination.user, Int32(1)), (.group, 5)] {
            let body = BodyBox(to: destination, platform: platform)
            let bytes = Self.render(body, "u1", "r2", id, "hi \"you\"\n", 1_700_000_000_000)
            let message = try OpenIMMsgData(serializedBytes: bytes)
            var expected = OpenIMMsgData()
            expected.sendID = "u1"
            if destination == .user { expected.recvID = "r2" } else { expected.groupID = "r2" }
            expected.clientMsgID = "00000000000000050000000600000007"
            expected.senderPlatformID = platform
            expected.sessionType = destination == .user ? 1 : 3
            expected.msgFrom = 100
            expected.contentType = 101
            expected.content.append(contentsOf: #"{"content":"hi \"you\"\n"}"#.utf8)
            expected.createTime = 1_700_000_000_000
            #expect(message == expected)
        }
    }

    @Test func anythingMayBeFilledIn() throws {
        var random = SeededRandom()
        let body = BodyBox(to: .user, platform: 9)
        for _ in 0..<1000 {
            let (sender, receiver) = (random.text(random.length() / 4), random.text(random.length() / 4))
            let text = random.text(random.length())
            let id = ClientMessageID(dueNs: Int64(random.below(1 << 40)), client: 1, sequence: UInt32(random.below(9)))
            let time = Int64.random(in: .min ... .max, using: &random) >> Int64(random.below(64))
            let bytes = Self.render(body, sender, receiver, id, text, time)
            let message = try OpenIMMsgData(serializedBytes: bytes)
            #expect(message.sendID == sender && message.recvID == receiver, "seed \(random.seed)")
            #expect(message.createTime == time && message.unknownFields.data.isEmpty, "seed \(random.seed)")
            #expect(Array(message.clientMsgID.utf8).withBytes { ClientMessageID($0) } == id)
            let content = FieldTable([FieldTable.Field(name: "content", kind: .string)])
            #expect(
                try content.readJSON(Array(message.content)).bytes["content"] == Array(text.utf8), "seed \(random.seed)"
            )
        }
    }

    /// The sheet's samples, made by another encoder.
    @Test func bytesOfTheSheet() throws {
        let sample = [UInt8](
            hex: "0a0275311202753222026331300148015064586562107b22636f6e74656e74223a226869227d800180d095ffbc31")
        let message = try OpenIMMsgData(serializedBytes: sample)
        #expect(message.sendID == "u1" && message.recvID == "u2" && message.clientMsgID == "c1")
        #expect(message.senderPlatformID == 1 && message.sessionType == 1 && message.msgFrom == 100)
        #expect(message.contentType == 101 && message.createTime == 1_700_000_000_000)
        #expect(Array(message.content) == Array(#"{"content":"hi"}"#.utf8))
        #expect(message.openIMBytes() == sample)
        let answer = try OpenIMSendMsgResp(serializedBytes: [UInt8](hex: "0a0473727631120263311881d095ffbc31"))
        #expect(answer.serverMsgID == "srv1" && answer.clientMsgID == "c1" && answer.sendTime == 1_700_000_000_001)
        #expect(RequestBody.newestSequence(user: "u1").hex == "0a027531")
        let newest = try OpenIMGetMaxSeqResp(serializedBytes: [UInt8](hex: "0a0c0a0873695f75315f75321007"))
        #expect(newest.maxSeqs == ["si_u1_u2": 7])
        let options = try OpenIMMsgData(serializedBytes: [UInt8](hex: "9a010b0a07686973746f72791000"))
        #expect(options.options == ["history": false])
    }

    @Test func otherRequests() throws {
        for (user, other) in [("b", "a"), ("a", "b")] {
            let pull = try OpenIMPullMessageBySeqsReq(
                serializedBytes: RequestBody.pull(user: user, with: other, count: 20))
            #expect(pull.userID == user && pull.order == .asc && pull.seqRanges.count == 1)
            #expect(pull.seqRanges[0].conversationID == "si_a_b")
            #expect(pull.seqRanges[0].begin == 1 && pull.seqRanges[0].end == .max && pull.seqRanges[0].num == 20)
        }
        #expect(RequestBody.background(user: "u1", isBackground: true).hex == "0a0275311001")
        #expect(RequestBody.background(user: "u1", isBackground: false).hex == "0a027531")
        #expect(RequestBody.subscribe(to: ["u1", "u2"]).hex == "0a0275310a027532")
        #expect(RequestBody.logout(user: "u1", platform: 5).hex == "0a0275311005")
    }
}
