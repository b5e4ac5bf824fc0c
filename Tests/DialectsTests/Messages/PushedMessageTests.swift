import SwiftProtobuf
import Testing

@testable import Dialects

/// The walker against swift-protobuf, on random messages and on broken ones.
@Suite struct PushedMessageTests {
    struct Seen: Equatable {
        var sendID: [UInt8]
        var receiveID: [UInt8]
        var groupID: [UInt8]
        var id: ClientMessageID?
    }

    static func walk(_ bytes: [UInt8]) throws(OpenIMFault) -> [Seen] {
        var seen: [Seen] = []
        let exact = ExactBytes(bytes)
        try PushedMessage.forEach(in: exact.view) { message in
            seen.append(
                Seen(
                    sendID: Array(message.sendID), receiveID: Array(message.receiveID), groupID: Array(message.groupID),
                    id: message.clientMessageID))
        }
        return seen
    }

    private static func seen(_ message: OpenIMMsgData) -> Seen {
        Seen(
            sendID: Array(message.sendID.utf8), receiveID: Array(message.recvID.utf8),
            groupID: Array(message.groupID.utf8),
            id: Array(message.clientMsgID.utf8).withBytes { ClientMessageID($0) })
    }

    private static func message(_ random: inout SeededRandom) -> OpenIMMsgData {
        var message = OpenIMMsgData()
        func text() -> String { random.below(3) == 0 ? "" : random.text(random.below(20)) }
        message.sendID = text()
        message.recvID = text()
        message.groupID = text()
        message.clientMsgID = random.below(2) == 0 ? text() : "0123456789abcdefdeadbeef0000000\(random.below(10))"
        message.serverMsgID = text()
        message.senderPlatformID = Int32.random(in: .min ... .max, using: &random)
        message.senderFaceURL = text()
        message.content.append(contentsOf: random.bytes(random.length()))
        message.seq = Int64.random(in: .min ... .max, using: &random)
        message.isRead = random.below(2) == 0
        for _ in 0..<random.below(4) { message.options[text()] = random.below(2) == 0 }
        if random.below(2) == 0 { message.offlinePushInfo.title = text() }
        for _ in 0..<random.below(3) { message.atUserIDList.append(text()) }
        message.ex = text()
        return message
    }

    private static func push(_ random: inout SeededRandom) -> OpenIMPushMessages {
        var push = OpenIMPushMessages()
        func list() -> OpenIMPullMsgs {
            var list = OpenIMPullMsgs()
            for _ in 0..<random.below(4) { list.msgs.append(message(&random)) }
            list.isEnd = random.below(2) == 0
            list.endSeq = Int64(random.below(1000))
            return list
        }
        for number in 0..<random.below(4) { push.msgs["si_\(number)"] = list() }
        for number in 0..<random.below(3) { push.notificationMsgs["n_\(number)"] = list() }
        return push
    }

    @Test func randomPushes() throws {
        var random = SeededRandom()
        for _ in 0..<1000 {
            let push = Self.push(&random)
            let seen = try Self.walk(push.openIMBytes())
            // A map's order on the wire is its writer's: conversations are compared as sets, but come first.
            let conversations = push.msgs.values.flatMap(\.msgs).map(Self.seen)
            let notifications = push.notificationMsgs.values.flatMap(\.msgs).map(Self.seen)
            #expect(seen.count == conversations.count + notifications.count, "seed \(random.seed)")
            #expect(
                Self.sorted(Array(seen.prefix(conversations.count))) == Self.sorted(conversations),
                "seed \(random.seed)")
            #expect(
                Self.sorted(Array(seen.dropFirst(conversations.count))) == Self.sorted(notifications),
                "seed \(random.seed)")
        }
    }

    private static func sorted(_ seen: [Seen]) -> [Seen] { seen.sorted { "\($0)" < "\($1)" } }

    @Test func notificationsComeLastWhereverTheyStand() throws {
        let notification =
            try OpenIMPushMessages.with { push in
                push.notificationMsgs["n"] = .with { $0.msgs = [.with { $0.sendID = "n" }] }
            }.serializedBytes() as [UInt8]
        let conversation =
            try OpenIMPushMessages.with { push in
                push.msgs["si"] = .with { $0.msgs = [.with { $0.sendID = "c" }] }
            }.serializedBytes() as [UInt8]
        #expect(try Self.walk(notification + conversation + notification).map(\.sendID) == [[0x63], [0x6E], [0x6E]])
    }

    /// swift-protobuf leaves unread what else is in a map's entry, where Go refuses the message: a message without fields of
    /// its own is parsed to its end by both.
    private static func hasBrokenEntry(_ bytes: [UInt8]) -> Bool {
        bytes.withBytes { bytes in
            var maps = ProtobufCursor(bytes)
            while let (_, value) = try? maps.next() {
                guard case .bytes(let entry) = value else { continue }
                if (try? OpenIMDelUserPushTokenResp(serializedBytes: Array(entry))) == nil { return true }
            }
            return false
        }
    }

    /// What swift-protobuf reads the walker reads, with the same messages; whatever it refuses has a reason.
    @Test func brokenPushes() {
        var random = SeededRandom()
        var (read, refused) = (0, 0)
        for _ in 0..<20_000 {
            let push = Self.push(&random)
            let bytes = Mutation.mutate(push.openIMBytes(), &random)
            let walked = Result { () throws(OpenIMFault) in try Self.walk(bytes) }
            if case .failure(let fault) = walked {
                refused += 1
                #expect(!fault.description.isEmpty)
            }
            guard let parsed = try? OpenIMPushMessages(serializedBytes: bytes) else { continue }
            read += 1
            // swift-protobuf drops the bits that are too many; Go refuses them.
            if case .failure(.malformed(what: "a protobuf number of more than 64 bits")) = walked { continue }
            guard case .success(let seen) = walked else {
                if Self.hasBrokenEntry(bytes) { continue }
                Issue.record("seed \(random.seed): \(walked), but not for swift-protobuf: \(bytes.hex)")
                return
            }
            // Of equal keys only the last is in the map, but each was sent.
            let inMaps = (Array(parsed.msgs.values) + parsed.notificationMsgs.values).flatMap(\.msgs).map(Self.seen)
            for message in inMaps where !seen.contains(message) {
                Issue.record("seed \(random.seed): the walker misses \(message) of \(bytes.hex)")
                return
            }
        }
        #expect(read > 500 && refused > 500)
    }

    @Test(arguments: [
        "0a", "0aff", "0a05", "0affffffffffffffffff01", "0affffffffffffffffffff01", "00", "0f", "0c", "06", "08",
        "0880808080808080808002", "098080", "0d8080", "80808080800100", "0a0412020a01", "0a0612040a020aff", "0b0b0b",
        "0b14",
    ])
    func isRefused(_ hex: String) {
        #expect(throws: OpenIMFault.self) { try Self.walk([UInt8](hex: hex)) }
    }

    /// Groups (3:start, 4:end), one within the other, hold a number, eight bytes, a string and four bytes.
    @Test func groupsArePassedOver() throws {
        #expect(
            try Self.walk([UInt8](hex: "1b0801" + "210000000000000000" + "23120161" + "24" + "2511223344" + "1c"))
                .isEmpty)
        #expect(throws: OpenIMFault.tooDeep) { try Self.walk([UInt8](repeating: 0x1B, count: 100)) }
    }
}
