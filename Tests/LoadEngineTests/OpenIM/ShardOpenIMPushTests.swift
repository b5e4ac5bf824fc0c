import Glibc
import LoadMetrics
import LoadPlan
import Synchronization
import Testing

@testable import LoadEngine

/// Pushes: who gets them, when, and how long they took.
@Suite(.serialized) struct ShardOpenIMPushTests {
    @Test(arguments: [0, 50])
    func aPushMayComeBeforeItsAnswer(_ pauseMs: Int) throws {
        let peer = try ScriptedPeer { conversation in
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.push([request.messageData()]))
                try conversation.send(frame: ServerFrame.answer(request))
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    .connect(Connect()), OpenIMPlay.send(), .wait(.fixed(.milliseconds(pauseMs))),
                    OpenIMPlay.receive(.ack), OpenIMPlay.receive(.push(.own)), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.count(.reply) == 1 && play.count(.delivery) == 1)
        #expect(play.counters.messagesReceived == 2 && play.counters.messagesUnclaimed == 0)
    }

    /// One message makes a push of its own, one of "stranger" and one of "friend".
    private static let chatty: ScriptedPeer.Script = { conversation in
        while let request = try conversation.nextRequest() {
            try conversation.send(
                frame: ServerFrame.push([
                    request.messageData(from: "stranger"), request.messageData(from: "friend"), request.messageData(),
                ]))
            try conversation.send(frame: ServerFrame.answer(request))
        }
    }

    /// What a `receive` takes, and how many of the three pushes it leaves.
    private static let sources: [(Receive.PushSource, taken: Int, wanted: Int)] = [
        (.own, 1, 1), (.others, 2, 2), (.any, 3, 3), (.from(Template(literal: "friend")), 1, 1),
    ]

    @Test(arguments: [0, 1, 2, 3], [0, 60])
    func aReceiveTakesThePushesThatItNames(_ number: Int, _ pauseMs: Int) throws {
        let (source, taken, wanted) = Self.sources[number]
        let peer = try ScriptedPeer(Self.chatty)
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), .wait(.fixed(.milliseconds(pauseMs))),
                    OpenIMPlay.receive(.push(source), count: wanted), OpenIMPlay.receive(.ack), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.counters.messagesReceived == 4 && play.counters.messagesUnclaimed == 3 - taken)
        // All are timed, taken or not.
        #expect(play.count(.delivery) == 3)
    }

    @Test(arguments: [0, 1, 3])
    func aReceiveWaitsForThePushesThatItNames(_ number: Int) throws {
        let (source, _, wanted) = Self.sources[number]
        let peer = try ScriptedPeer(Self.chatty)
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(),
                    OpenIMPlay.receive(.push(source), count: wanted + 1, timeout: .milliseconds(150)), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["receive_timeout": 1])
    }

    @Test func anyTakesAnswersAndPushes() throws {
        let peer = try ScriptedPeer(Self.chatty)
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.any), .wait(.fixed(.milliseconds(60))),
                    OpenIMPlay.receive(.any, count: 3), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1] && play.counters.messagesUnclaimed == 0)
    }

    @Test func onlyMessagesOfThisRunAreTimed() throws {
        let peer = try ScriptedPeer { conversation in
            let request = try conversation.nextRequest()
            let id = request?.message.clientMessageID ?? ""
            // Due before the run and after now; of a client that does not exist; by somebody else's program.
            let foreign = [
                "0000000000000001" + id.suffix(16), "7fffffffffffffff" + id.suffix(16),
                id.prefix(16) + "00000063" + id.suffix(8), "cm17952509010218552582", "",
            ]
            for text in foreign {
                try conversation.send(
                    frame: ServerFrame.push([
                        ServerFrame.protobuf(1, Array("user-0".utf8)) + ServerFrame.protobuf(4, Array(text.utf8))
                    ]))
            }
            while try conversation.nextRequest() != nil {}
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.push(.own), count: 5), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1] && play.count(.delivery) == 0)
    }

    @Test func aDeliveryIsTimedFromWhenItWasDueAtWhoeverItReaches() throws {
        let gateway = DeliveringGateway(delayMs: 40)
        let peer = try ScriptedPeer(gateway.script)
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    .connect(Connect()), .wait(.fixed(.milliseconds(200))), OpenIMPlay.send(to: .pair),
                    OpenIMPlay.receive(.push(.others), timeout: .seconds(5)), OpenIMPlay.close,
                ], against: peer, accounts: 6), against: peer, shards: 2)
        #expect(play.outcomes == ["ok": 6])
        #expect(play.count(.delivery) == 6)
        #expect((play.totals.timings[.delivery]?.minUs ?? 0) >= 40_000)
    }

    @Test func onePushFrameMayEndTheConnectionThatItsOtherMessagesCameOn() throws {
        let peer = try ScriptedPeer(Self.chatty)
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [OpenIMPlay.connect, OpenIMPlay.send(), OpenIMPlay.receive(.push(.any)), .abort], against: peer),
            against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.counters.messagesReceived == 3 && play.counters.messagesUnclaimed == 2)
        #expect(play.totals.ledger.balances)
    }

    @Test func aPushAdmitsWhereTheProfileSaysSo() throws {
        let peer = try ScriptedPeer { conversation in
            try conversation.send(frame: CapturedFrames.gobPush)
            while let request = try conversation.nextRequest() {
                try conversation.send(frame: ServerFrame.answer(request))
            }
        }
        let play = try ShardPlay(
            OpenIMPlay.plan(
                [
                    .connect(Connect(admit: .message)), OpenIMPlay.send(), OpenIMPlay.receive(.ack), OpenIMPlay.close,
                ], against: peer), against: peer)
        #expect(play.outcomes == ["ok": 1] && play.count(.admission) == 1)
    }
}

/// Pushes each message to its receiver after a while.
private final class DeliveringGateway: Sendable {
    private let delayMs: UInt32
    private let waiting = Mutex<[String: [[UInt8]]]>([:])

    init(delayMs: UInt32) {
        self.delayMs = delayMs
    }

    var script: ScriptedPeer.Script {
        { [self] conversation in
            let user = conversation.request.split(separator: "sendID=").dropFirst().first?.split(separator: "&").first
            while true {
                let frames = waiting.withLock { $0.removeValue(forKey: user.map(String.init) ?? "") } ?? []
                for frame in frames { try conversation.send(frame: frame) }
                guard try conversation.hasInput(withinMs: 5) else { continue }
                guard let request = try conversation.nextRequest() else { return }
                try conversation.send(frame: ServerFrame.answer(request))
                usleep(delayMs * 1000)
                let push = ServerFrame.push([request.messageData()])
                waiting.withLock { $0[request.message.receiveID, default: []].append(push) }
            }
        }
    }
}
