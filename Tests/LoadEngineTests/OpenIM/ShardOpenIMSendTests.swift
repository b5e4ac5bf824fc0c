import Glibc
import LoadMetrics
import LoadPlan
import Testing

@testable import LoadEngine

/// Messages, requests and their answers.
@Suite(.serialized) struct ShardOpenIMSendTests {
    private func requests(_ plan: (ScriptedPeer) -> Plan) throws -> (ShardPlay, [ClientRequest]) {
        let log = RequestLog()
        let peer = try ScriptedPeer { conversation in
            while let request = try conversation.nextRequest() {
                log.add(request)
                if request.identifier == 1003 {
                    try conversation.send(frame: ServerFrame.answer(request))
                } else {
                    try conversation.send(frame: ServerFrame.gob(request.identifier, msgIncr: request.msgIncr))
                }
                if request.identifier == 2003 { return }
            }
        }
        return (try ShardPlay(plan(peer), against: peer), log.requests)
    }

    @Test func aMessageHasEverythingThatTheServerLooksAt() throws {
        let (play, requests) = try requests {
            OpenIMPlay.plan(
                [
                    .connect(Connect()), OpenIMPlay.send("a \"quoted\" text"), OpenIMPlay.receive(.ack),
                    OpenIMPlay.close,
                ],
                against: $0, accounts: 3, logins: 2, iterations: 2, openIM: OpenIMPlan(platforms: [1, 5]))
        }
        #expect(play.outcomes == ["ok": 12])
        #expect(requests.count == 12)
        for request in requests {
            #expect(request.identifier == 1003 && request.token.isEmpty)
            #expect(request.sendID == request.message.sendID)
            #expect(request.operationID.count == 16 && request.message.clientMessageID.count == 32)
            #expect(request.message.content == #"{"content":"a \"quoted\" text"}"#)
            #expect(request.message.sessionType == 1)
        }
        #expect(
            Set(requests.map(\.operationID)).count == 12 && Set(requests.map(\.message.clientMessageID)).count == 12)
        let pairs = Set(requests.map { "\($0.sendID)>\($0.message.receiveID)" })
        #expect(pairs == ["user-0>user-1", "user-1>user-2", "user-2>user-0"])
        #expect(
            requests.map { "\($0.message.platform) \($0.msgIncr)" }.sorted()
                == ["1 1", "1 2", "5 1", "5 2"]
                .flatMap { Array(repeating: $0, count: 3) }.sorted())
        let counters = play.counters
        #expect(counters.messagesSent == 12 && counters.messagesReceived == 12 && counters.messagesUnclaimed == 0)
        for timing in [Timing.reply, .replyService, .admission] { #expect(play.count(timing) == 12, "\(timing)") }
        #expect(counters.closedClean == 12 && play.totals.ledger.balances)
    }

    @Test func createTimeIsTheTimeOfDay() throws {
        let before = Self.nowMs()
        let (_, requests) = try requests {
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close], against: $0)
        }
        let time = try #require(requests.first).message.createTimeMs
        #expect((before - 1...Self.nowMs() + 1).contains(time), "\(time) is not within \(before)...\(Self.nowMs())")
    }

    @Test func platformAndAccountStandInTheUpgradeRequest() throws {
        let peer = try ScriptedPeer(ScriptedPeer.openIM)
        try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.close], against: peer, accounts: 2, logins: 3,
                openIM: OpenIMPlan(platforms: [2, 9])),
            against: peer)
        let lines = peer.seen.requests.compactMap { $0.split(separator: "\r\n").first.map(String.init) }.sorted()
        let wanted = (0..<2).flatMap { account in
            [2, 9, 2].map { "GET /?sendID=user-\(account)&platformID=\($0) HTTP/1.1" }
        }
        #expect(lines == wanted.sorted())
    }

    @Test func groupsAndForeignUsersAreReceiversToo() throws {
        let (play, requests) = try requests {
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(to: .group(Template(literal: "g7"))), OpenIMPlay.receive(.ack),
                    OpenIMPlay.send(to: .user(Template(literal: "alice"))), OpenIMPlay.receive(.ack), OpenIMPlay.close,
                ], against: $0)
        }
        #expect(play.outcomes == ["ok": 1])
        #expect(requests.map(\.message.groupID) == ["g7", ""] && requests.map(\.message.receiveID) == ["", "alice"])
        #expect(requests.map(\.message.sessionType) == [3, 1])
    }

    @Test func accountsSendTheSameWhateverTheNumberOfShards() throws {
        func messages(shards: Int, seed: UInt64) throws -> [String] {
            let log = RequestLog()
            let peer = try ScriptedPeer { conversation in
                while let request = try conversation.nextRequest() {
                    log.add(request)
                    try conversation.send(frame: ServerFrame.answer(request))
                }
            }
            let text = Message(
                payload: Template(segments: [.placeholder(.random), .literal([0x20]), .placeholder(.sequence)]),
                recipient: .random)
            let play = try ShardPlay(
                OpenIMPlay.plan(
                    [
                        .connect(Connect()),
                        .repeat(times: 3, steps: [.send(text), OpenIMPlay.receive(.ack)]), OpenIMPlay.close,
                    ], against: peer, accounts: 5, iterations: 2),
                against: peer, shards: shards, seed: seed)
            #expect(play.outcomes == ["ok": 10])
            return log.requests.map {
                let message = $0.message
                return "\($0.sendID) \($0.operationID) \($0.msgIncr) \(message.receiveID) \(message.content)"
                    + " \(message.clientMessageID.suffix(16))"
            }.sorted()
        }
        let one = try messages(shards: 1, seed: 9)
        #expect(one.count == 30)
        #expect(try messages(shards: 3, seed: 9) == one)
        #expect(try messages(shards: 1, seed: 10) != one)
    }

    @Test func answersAreMatchedByTheirNumber() throws {
        // Three messages are answered in reverse order, with one answer twice and one to a message never sent.
        let peer = try ScriptedPeer { conversation in
            let requests = try (0..<3).compactMap { _ in try conversation.nextRequest() }
            try conversation.send(frame: ServerFrame.gob(1003, msgIncr: "77"))
            for request in requests.reversed() { try conversation.send(frame: ServerFrame.answer(request)) }
            try conversation.send(frame: ServerFrame.answer(requests[0]))
            try conversation.send(frame: ServerFrame.gob(1003, msgIncr: "not a number"))
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), .wait(.fixed(.milliseconds(30))), OpenIMPlay.send(),
                    .wait(.fixed(.milliseconds(30))), OpenIMPlay.send(), OpenIMPlay.receive(.ack, count: 3),
                    .wait(.fixed(.milliseconds(100))), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.count(.reply) == 3 && play.counters.messagesReceived == 6 && play.counters.messagesUnclaimed == 3)
        // The first message waited for both pauses: its own time, not the last one's, was taken.
        let replies = try #require(play.totals.timings[.reply])
        #expect(replies.maxUs >= 60_000 && replies.minUs < replies.maxUs)
    }

    @Test func anAnswerThatComesTwiceIsNotTheAnswerToAnother() throws {
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextRequest()
            guard let second = try conversation.nextRequest() else { return }
            for _ in 0..<2 { try conversation.send(frame: ServerFrame.answer(second)) }
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.send(),
                    OpenIMPlay.receive(.ack, count: 2, timeout: .milliseconds(200)), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["receive_timeout": 1])
        #expect(play.count(.reply) == 1 && play.counters.messagesUnclaimed == 1)
    }

    @Test func anErrorIsTheIterationsOutcome() throws {
        let peer = try ScriptedPeer { conversation in
            while let request = try conversation.nextRequest() {
                try conversation.send(
                    frame: ServerFrame.gob(
                        1003, msgIncr: request.msgIncr, errorCode: 1004, errorMessage: "RecordNotFoundError"))
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close], against: peer,
                accounts: 2), against: peer)
        #expect(play.outcomes == ["request_failed:1004": 2])
        #expect(play.counters.lost == 2 && play.totals.ledger.balances)
        #expect(play.violations.contains { $0.contains("RecordNotFoundError") })
    }

    @Test func anErrorDuringTheClosingHandshakeLetsItFinish() throws {
        let peer = try ScriptedPeer { conversation in
            let request = try conversation.nextRequest()
            let close = try conversation.nextFrame()
            try conversation.send(frame: ServerFrame.gob(1003, msgIncr: request?.msgIncr ?? "", errorCode: 500))
            try conversation.answer(close: close)
        }
        let play = try ShardPlay(
            OpenIMPlay.plan([OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.close], against: peer), against: peer)
        #expect(play.outcomes == ["request_failed:500": 1])
        #expect(play.counters.closedClean == 1 && play.totals.ledger.balances)
    }

    // MARK: Requests

    @Test func requestsAreSentAndTheirAnswersAwaited() throws {
        let (play, requests) = try requests {
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, .request(.newestSequence), .request(.pull(with: .pair, count: 20)),
                    .request(.background(true)), .request(.subscribe(to: .ring)), OpenIMPlay.send(),
                    OpenIMPlay.receive(.ack), OpenIMPlay.close,
                ], against: $0, accounts: 2)
        }
        #expect(play.outcomes == ["ok": 2])
        let first = requests.filter { $0.sendID == "user-0" }
        #expect(first.map(\.identifier) == [1001, 1002, 2004, 2005, 1003])
        #expect(first.map(\.msgIncr) == ["1", "2", "3", "4", "5"])
        #expect(first[0].data == ServerFrame.protobuf(1, Array("user-0".utf8)))
        #expect(first[3].data == ServerFrame.protobuf(1, Array("user-1".utf8)))
        #expect(play.count(.reply) == 10 && play.counters.messagesUnclaimed == 0)
    }

    @Test func aRequestFailsByErrorAndByTime() throws {
        let failing = try ScriptedPeer { conversation in
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.gob(2001))
                try conversation.send(
                    frame: ServerFrame.gob(request.identifier, msgIncr: request.msgIncr, errorCode: 1002))
            }
        }
        let steps = [OpenIMPlay.connect, .request(.newestSequence), OpenIMPlay.close]
        let failed = try ShardPlay(OpenIMPlay.plan(steps, against: failing), against: failing)
        #expect(failed.outcomes == ["request_failed:1002": 1])
        // The answer to another request is none.
        let deaf = try ScriptedPeer { conversation in
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.gob(request.identifier, msgIncr: "9"))
            }
        }
        let unanswered = try ShardPlay(
            OpenIMPlay.plan(steps, against: deaf, timeouts: Timeouts(receive: .milliseconds(150))), against: deaf)
        #expect(unanswered.outcomes == ["receive_timeout": 1] && unanswered.counters.messagesUnclaimed == 1)
    }

    @Test(arguments: ["gob", "json"], [false, true])
    func framesAreWrittenAsTheConnectionAsksFor(_ encoding: String, _ compresses: Bool) throws {
        let answer =
            encoding == "gob"
            ? (compresses ? CapturedFrames.gzipAnswer : CapturedFrames.gobAnswer)
            : (compresses ? CapturedFrames.jsonGzipAnswer : CapturedFrames.jsonAnswer)
        let push =
            encoding == "gob"
            ? (compresses ? CapturedFrames.gzipPush : CapturedFrames.gobPush)
            : (compresses ? CapturedFrames.jsonGzipPush : CapturedFrames.jsonPush)
        let starts: [UInt8] = compresses ? [0x1F, 0x8B, 8] : encoding == "gob" ? [0x5C, 0x7F] : Array("{\"".utf8)
        let peer = try ScriptedPeer { conversation in
            let frame = try conversation.nextFrame()
            if frame.opcode == 2, frame.payload.starts(with: starts) {
                conversation.peer.note { $0.messages.append("yes") }
            }
            try conversation.send(frame: push)
            try conversation.send(frame: answer)
            while try conversation.nextMessage() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.ack),
                    OpenIMPlay.receive(.push(.own)), OpenIMPlay.close,
                ], against: peer, id: Template(literal: "probe1"),
                openIM: OpenIMPlan(encoding: encoding == "gob" ? .gob : .json, compression: compresses)),
            against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(peer.seen.messages == ["yes"])
        // Made by another program: not one of ours to be timed.
        #expect(play.count(.reply) == 1 && play.count(.delivery) == 0)
    }

    private static func nowMs() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
