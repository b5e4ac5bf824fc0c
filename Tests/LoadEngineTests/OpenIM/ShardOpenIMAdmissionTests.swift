import Glibc
import LoadMetrics
import LoadPlan
import Testing

@testable import LoadEngine

/// From the upgrade request to the admission, as OpenIM answers them.
@Suite(.serialized) struct ShardOpenIMAdmissionTests {
    private let steps = [
        Step.connect(Connect()), OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close,
    ]

    // MARK: Refusals

    private static let overLimit =
        #"{"errCode":1601,"errMsg":"ConnOverMaxNumLimit","errDlt":"1601 ConnOverMaxNumLimit"}"#

    private static func response(_ body: String, length: Int? = nil) -> String {
        let count = length.map { "Content-Length: \($0)\r\n" } ?? ""
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n\(count)\r\n\(body)"
    }

    /// Answers the upgrade request with `text` in pieces, and stays.
    private func refuser(_ text: String, pieceBytes: Int, ends: Bool = false) throws -> ScriptedPeer {
        try ScriptedPeer(opens: false) { conversation in
            try conversation.readRequest()
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try conversation.write(Array(rest.prefix(pieceBytes)))
                rest = rest.dropFirst(pieceBytes)
                if !rest.isEmpty { usleep(3_000) }
            }
            if !ends { try conversation.readToEnd() }
        }
    }

    @Test(arguments: [10_000, 150, 50])
    func aRefusalIsToldByItsCode(_ pieceBytes: Int) throws {
        let peer = try refuser(
            Self.response(Self.overLimit, length: Self.overLimit.utf8.count), pieceBytes: pieceBytes)
        let play = try ShardPlay(OpenIMPlay.plan(steps, against: peer, accounts: 12), against: peer)
        // More than there are examples.
        #expect(play.outcomes == ["refused:1601": 12])
        #expect(play.counters.refused == 12 && play.counters.opened == 0 && play.totals.ledger.balances)
        #expect(play.intervals.flatMap(\.refusals).first?.body == Self.overLimit)
    }

    @Test func aBodyOfUnknownLengthIsReadAsFarAsItGoes() throws {
        let body = #"{"errCode":1506,"errMsg":"TokenKickedError","errDlt":": 1506 TokenKickedError"}"#
        let chunked = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        for (text, ends) in [
            (Self.response(body), false), (Self.response(body), true), (Self.response(chunked), false),
        ] {
            let peer = try refuser(text, pieceBytes: 100, ends: ends)
            let play = try ShardPlay(OpenIMPlay.plan(steps, against: peer, accounts: 2), against: peer)
            #expect(play.outcomes == ["refused:1506": 2])
        }
    }

    @Test func otherAnswersKeepTheirStatus() throws {
        let answers = [
            ("HTTP/1.1 400 Bad Request\r\nContent-Length: 12\r\n\r\nBad Request\n", "handshake_rejected:400"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "handshake_rejected:200"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"errCode\":0}", "handshake_rejected:200"),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 16\r\n\r\n{\"errCode\":1601}", "handshake_rejected:502"),
        ]
        for (text, outcome) in answers {
            let peer = try refuser(text, pieceBytes: 30)
            let play = try ShardPlay(OpenIMPlay.plan(steps, against: peer), against: peer)
            #expect(play.outcomes == [outcome: 1])
        }
    }

    @Test func aTokenThatTheServerRepeatsIsNotKept() throws {
        let token = "header.payload.signature"
        let file = try CredentialFile("userID,platformID,token\nuser-0,2,\(token)\n")
        let body = #"{"errCode":1503,"errMsg":"TokenMalformedError","errDlt":"\#(token) is \#(token)"}"#
        let peer = try refuser(Self.response(body, length: body.utf8.count), pieceBytes: 1000)
        let resource = Template(segments: [.literal(Array("/?token=".utf8)), .placeholder(.token)])
        let play = try ShardPlay(
            OpenIMPlay.plan(steps, against: peer, resource: resource), against: peer, credentials: file.path)
        #expect(play.outcomes == ["refused:1503": 1])
        #expect(peer.seen.requests.first?.hasPrefix("GET /?token=\(token) HTTP/1.1\r\n") == true)
        let kept = play.intervals.flatMap(\.refusals).map(\.body)
        #expect(kept == [#"{"errCode":1503,"errMsg":"TokenMalformedError","errDlt":"... is ..."}"#])
    }

    // MARK: First response

    @Test(arguments: [Connect.Admit.pong, .none, .message])
    func theFirstResponseComesBeforeAnyAdmission(_ admit: Connect.Admit) throws {
        let peer = try ScriptedPeer { conversation in
            // What admits elsewhere does not before the response.
            try conversation.send(frame: CapturedFrames.gobPush)
            try conversation.send(opcode: 10, [])
            usleep(100_000)
            try conversation.send(#"{"errCode":0,"errMsg":"","errDlt":""}"#)
            if admit == .message { try conversation.send(frame: CapturedFrames.gobPush) }
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.answer(request))
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [.connect(Connect(admit: admit))] + steps.dropFirst(), against: peer,
                openIM: OpenIMPlan(firstResponse: true)), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect((play.totals.timings[.admission]?.minUs ?? 0) >= 100_000 - 20_000)
    }

    @Test func aFirstResponseMayRefuseOrBeNone() throws {
        func play(_ text: String?) throws -> ShardPlay {
            let peer = try ScriptedPeer { conversation in
                if let text { try conversation.send(text) } else { while try conversation.nextRequest() != nil {} }
            }
            return try ShardPlay(
                OpenIMPlay.plan(
                    steps, against: peer, openIM: OpenIMPlan(firstResponse: true),
                    timeouts: Timeouts(admission: .milliseconds(200))), against: peer)
        }
        let refused = try play(#"{"errCode":1502,"errMsg":"TokenInvalidError","errDlt":""}"#)
        #expect(refused.outcomes == ["refused:1502": 1])
        #expect(refused.counters.refused == 1 && refused.counters.opened == 0 && refused.totals.ledger.balances)
        #expect(try play("welcome").outcomes == ["message_invalid": 1])
        #expect(try play(nil).outcomes == ["admission_timeout": 1])
    }

    // MARK: Pings

    private let pinging: [Step] = [
        .connect(Connect(heartbeat: .milliseconds(40))), .ping, .wait(.fixed(.milliseconds(300))), .ping,
        OpenIMPlay.close,
    ]

    @Test(arguments: [OpenIMPlan.Ping.frame, .text], [true, false])
    func emptyAndTextPongsAnswerTheOldestPing(_ ping: OpenIMPlan.Ping, _ echoes: Bool) throws {
        let peer = try ScriptedPeer { conversation in
            if !echoes { conversation.pongPayload = [] }
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(pinging, against: peer, openIM: OpenIMPlan(ping: ping)), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.count(.admission) == 1 && play.count(.ping) >= 3)
        let isText = peer.seen.messages.contains(#"{"type":"ping"}"#)
        #expect(isText == (ping == .text))
    }

    @Test func pongsThatDoNotComeAreMissed() throws {
        func outcomes(_ steps: [Step], ping: OpenIMPlan.Ping) throws -> [String: Int] {
            let peer = try ScriptedPeer { conversation in
                conversation.answersPings = false
                while try conversation.nextRequest() != nil {}
            }
            return try ShardPlay(
                OpenIMPlay.plan(
                    steps, against: peer, openIM: OpenIMPlan(ping: ping),
                    timeouts: Timeouts(admission: .milliseconds(150), ping: .milliseconds(150))), against: peer
            ).outcomes
        }
        for ping in [OpenIMPlan.Ping.frame, .text] {
            #expect(try outcomes([.connect(Connect()), OpenIMPlay.close], ping: ping) == ["admission_timeout": 1])
            #expect(try outcomes([OpenIMPlay.connect, .ping, OpenIMPlay.close], ping: ping) == ["ping_timeout": 1])
            #expect(
                try outcomes(
                    [
                        .connect(Connect(admit: .none, heartbeat: .milliseconds(30))), .wait(.fixed(.seconds(5))),
                        OpenIMPlay.close,
                    ], ping: ping) == ["heartbeat_timeout": 1])
        }
    }

    @Test func aPongWithoutAPingOrOneThatIsTooLongMeansNothing() throws {
        let peer = try ScriptedPeer { conversation in
            try conversation.send(opcode: 10, [])
            try conversation.send(opcode: 10, [1, 2, 3])
            while let request = try conversation.nextRequest() {
                try conversation.send(opcode: 10, [])
                try conversation.send(frame: ServerFrame.answer(request))
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close], against: peer),
            against: peer)
        #expect(play.outcomes == ["ok": 1] && play.count(.ping) == 0)
    }

    @Test func theServersPingIsAnswered() throws {
        let peer = try ScriptedPeer { conversation in
            try conversation.send(opcode: 9, [])
            let pong = try conversation.nextFrame()
            conversation.peer.note { $0.messages.append("\(pong.opcode) \(pong.payload.count)") }
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, .wait(.fixed(.milliseconds(100))), OpenIMPlay.close], against: peer),
            against: peer)
        #expect(play.outcomes == ["ok": 1] && peer.seen.messages == ["10 0"])
    }
}
