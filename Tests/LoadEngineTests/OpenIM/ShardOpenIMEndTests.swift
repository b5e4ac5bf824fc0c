import Glibc
import LoadMetrics
import LoadPlan
import Testing

@testable import LoadEngine

/// How OpenIM ends sessions: kicks, logouts, and what it cannot have meant.
@Suite(.serialized) struct ShardOpenIMEndTests {
    private let steps = [
        Step.connect(Connect()), OpenIMPlay.send(), OpenIMPlay.receive(.ack), .wait(.fixed(.seconds(10))),
        OpenIMPlay.close,
    ]

    private func kicker(with frame: [UInt8], byReset: Bool) -> ScriptedPeer.Script {
        { conversation in
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.answer(request))
                try conversation.send(frame: frame)
                if byReset {
                    // The frames are to arrive before the reset.
                    usleep(50_000)
                    try conversation.reset()
                }
                return
            }
        }
    }

    @Test(arguments: [false, true], [false, true])
    func aKickIsAFrameAndTheEndOfTheConnection(_ byReset: Bool, _ isExpected: Bool) throws {
        let peer = try ScriptedPeer(kicker(with: CapturedFrames.gobKick, byReset: byReset))
        let play = try ShardPlay(
            OpenIMPlay.plan(
                steps, against: peer, accounts: 2, iterations: 2, kick: Kick(codes: [], expected: isExpected)),
            against: peer)
        #expect(play.outcomes == [isExpected ? "kicked" : "kicked_unexpectedly:2002": 4])
        #expect(play.counters.iterationsInterrupted == (isExpected ? 4 : 0))
        #expect(play.counters.lost == 4 && play.totals.ledger.balances && play.totals.closeCodes.isEmpty)
    }

    @Test func anEndWithoutAKickIsNone() throws {
        let peer = try ScriptedPeer { conversation in
            guard let request = try conversation.nextRequest() else { return }
            try conversation.send(frame: ServerFrame.answer(request))
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(steps, against: peer, kick: Kick(codes: [], expected: true)), against: peer)
        #expect(play.outcomes == ["connection_ended": 1])
    }

    @Test func aKickBeforeTheAdmissionAndOneInTheClosingHandshakeAreKicksToo() throws {
        let early = try ScriptedPeer { conversation in
            conversation.answersPings = false
            try conversation.send(frame: CapturedFrames.gobKick)
        }
        let kick = Kick(codes: [], expected: true)
        let first = try ShardPlay(OpenIMPlay.plan(steps, against: early, kick: kick), against: early)
        #expect(first.outcomes == ["kicked": 1] && first.counters.failed == 1 && first.totals.ledger.balances)
        let late = try ScriptedPeer { conversation in
            _ = try conversation.nextFrame()
            try conversation.send(frame: CapturedFrames.gobKick)
        }
        let second = try ShardPlay(
            OpenIMPlay.plan([OpenIMPlay.connect, OpenIMPlay.close], against: late, kick: kick), against: late)
        #expect(second.outcomes == ["kicked": 1] && second.counters.lost == 1 && second.totals.ledger.balances)
    }

    @Test func aTakeoverLeavesTheOldConnectionToTheServersKick() throws {
        let peer = try ScriptedPeer { conversation in
            let isFirst = conversation.peer.seen.connections == 1
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.answer(request))
                guard isFirst else { continue }
                conversation.peer.wait { $0.connections == 2 }
                try conversation.send(frame: CapturedFrames.gobKick)
                return
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send("first"), OpenIMPlay.receive(.ack), .takeover(Takeover()),
                    OpenIMPlay.send("second"), OpenIMPlay.receive(.ack), .wait(.fixed(.milliseconds(200))),
                    OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(peer.seen.messages == ["1003 {\"content\":\"first\"}", "1003 {\"content\":\"second\"}"])
        #expect(play.counters.opened == 2 && play.counters.closedClean == 1 && play.counters.lost == 1)
        #expect(play.totals.ledger.balances)
    }

    // MARK: Logout

    private let logout = [OpenIMPlay.connect, Step.logout]

    @Test(arguments: [false, true])
    func aLogoutThatIsAnsweredIsACleanEnd(_ byReset: Bool) throws {
        let peer = try ScriptedPeer { conversation in
            guard let request = try conversation.nextRequest() else { return }
            conversation.peer.note { $0.messages.append("\(request.data)") }
            try conversation.send(frame: ServerFrame.gob(request.identifier, msgIncr: request.msgIncr))
            guard byReset else { return }
            usleep(50_000)
            try conversation.reset()
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(logout, against: peer, iterations: 2, openIM: OpenIMPlan(platforms: [9])), against: peer)
        #expect(play.outcomes == ["ok": 2])
        #expect(play.counters.closedClean == 2 && play.count(.close) == 2 && play.totals.ledger.balances)
        #expect(peer.seen.closeCodes.isEmpty)
        let body = ServerFrame.protobuf(1, Array("user-0".utf8)) + [0x10, 9]
        #expect(peer.seen.messages.prefix(2) == ["2003 ", "\(body)"])
    }

    @Test func aLogoutThatIsNotAnsweredIsALostConnection() throws {
        let peer = try ScriptedPeer { _ = try $0.nextRequest() }
        let play = try ShardPlay(OpenIMPlay.plan(logout, against: peer), against: peer)
        #expect(play.outcomes == ["connection_ended": 1] && play.counters.lost == 1)
        let mute = try ScriptedPeer { conversation in
            let request = try conversation.nextRequest()
            try conversation.send(frame: ServerFrame.gob(2003, msgIncr: request?.msgIncr ?? ""))
            while try conversation.nextRequest() != nil {}
        }
        let waiting = try ShardPlay(
            OpenIMPlay.plan(logout, against: mute, timeouts: Timeouts(close: .milliseconds(150))), against: mute)
        #expect(waiting.outcomes == ["close_timeout": 1] && waiting.totals.ledger.balances)
    }

    @Test func aLogoutMayBeRefusedOrAnsweredWithACloseFrameToo() throws {
        let refusing = try ScriptedPeer { conversation in
            let request = try conversation.nextRequest()
            try conversation.send(frame: ServerFrame.gob(2003, msgIncr: request?.msgIncr ?? "", errorCode: 1002))
            while try conversation.nextRequest() != nil {}
        }
        let refused = try ShardPlay(OpenIMPlay.plan(logout, against: refusing), against: refusing)
        #expect(refused.outcomes == ["request_failed:1002": 1] && refused.totals.ledger.balances)
        let polite = try ScriptedPeer { conversation in
            let request = try conversation.nextRequest()
            try conversation.send(frame: ServerFrame.gob(2003, msgIncr: request?.msgIncr ?? ""))
            try conversation.sendClose(code: 1000)
        }
        let closed = try ShardPlay(OpenIMPlay.plan(logout, against: polite), against: polite)
        #expect(closed.outcomes == ["ok": 1] && closed.counters.closedClean == 1 && closed.totals.ledger.balances)
    }

    // MARK: What is none of the dialect

    private static let truncated = Array(CapturedFrames.gobAnswer.prefix(100))

    @Test func whatCannotBeReadEndsTheConnectionWithAReason() throws {
        let frames: [(opcode: UInt8, payload: [UInt8])] = [
            (2, Self.truncated), (2, []), (2, ServerFrame.gob(2001, data: [0xFF])), (1, Array("hello".utf8)),
            (1, Array(#"{"type":"pong"}"#.utf8)),
        ]
        for (opcode, payload) in frames {
            let peer = try ScriptedPeer { conversation in
                _ = try conversation.nextRequest()
                try conversation.send(opcode: opcode, payload)
                while try conversation.nextRequest() != nil {}
            }
            let play = try ShardPlay(OpenIMPlay.plan(steps, against: peer), against: peer)
            #expect(play.outcomes == ["message_invalid": 1], "\(opcode) \(payload)")
            #expect(play.violations.contains { $0.hasPrefix("message_invalid: ") })
            #expect(play.counters.lost == 1 && play.totals.ledger.balances)
        }
    }

    @Test func aFrameThatInflatesBeyondTheLimitIsRefused() throws {
        // 268 bytes that become 290.
        func outcomes(limit: Int) throws -> [String: Int] {
            let peer = try ScriptedPeer { conversation in
                _ = try conversation.nextFrame()
                try conversation.send(frame: CapturedFrames.jsonGzipPush)
                while true { _ = try conversation.nextFrame() }
            }
            return try ShardPlay(
                OpenIMPlay.plan(
                    [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.push(.any)), .abort], against: peer,
                    openIM: OpenIMPlan(encoding: .json, compression: true), maxMessageBytes: limit), against: peer
            ).outcomes
        }
        #expect(try outcomes(limit: 290) == ["ok": 1])
        #expect(try outcomes(limit: 280) == ["message_invalid": 1])
        #expect(try outcomes(limit: 260) == ["protocol_error:1009": 1])
    }

    @Test func framesMayComeInFragmentsAndPieces() throws {
        let peer = try ScriptedPeer { conversation in
            guard let request = try conversation.nextRequest() else { return }
            let answer = ServerFrame.gob(1003, msgIncr: request.msgIncr)
            let (head, tail) = (Array(answer.prefix(40)), Array(answer.dropFirst(40)))
            try conversation.write([0x02, UInt8(head.count)] + head)
            usleep(20_000)
            try conversation.write([0x80, UInt8(tail.count)] + tail.prefix(10))
            usleep(20_000)
            try conversation.write(Array(tail.dropFirst(10)))
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close], against: peer),
            against: peer)
        #expect(play.outcomes == ["ok": 1])
    }
}
