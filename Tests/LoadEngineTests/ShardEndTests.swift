import LoadMetrics
import Testing

@testable import LoadEngine

/// How a shard ends: by time, drained, stopped, and left alone.
@Suite(.serialized) struct ShardEndTests {
    private static let held = """
        name: held
        accounts: { count: 4 }
        load: { duration: 60s, ramp: 1ms, grace: 5s }
        steps: [connect, send: hello, receive, wait: end, close]
        """

    @Test func waitEndLastsUntilTheDurationIsOver() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(Self.held.replacing("60s", with: "400ms"), against: peer)
        #expect(play.outcomes == ["ok": 4])
        #expect(peer.seen.closeCodes == [1000, 1000, 1000, 1000])
        #expect(play.seconds >= 0.4 && play.seconds < 5)
    }

    @Test func drainFinishesIterationsAndStartsNone() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            Self.held, against: peer,
            during: { controls in
                peer.wait { $0.messages.count == 4 }
                controls.say("drain")
            })
        #expect(play.outcomes == ["ok": 4])
        #expect(play.counters.iterationsStarted == 4 && play.totals.iterationsInFlight == 0)
        #expect(play.counters.closedClean == 4 && play.totals.ledger.balances)
    }

    @Test func afterTheGraceConnectionsAreClosedAsGoingAway() throws {
        let peer = try ScriptedPeer(ScriptedPeer.mute)
        let play = try ShardPlay(
            Self.held.replacing("60s", with: "200ms").replacing("5s", with: "200ms"), against: peer)
        #expect(play.outcomes == ["interrupted": 4])
        #expect(play.counters.iterationsInterrupted == 4 && play.counters.iterationsFailed == 0)
        #expect(peer.seen.closeCodes == [1001, 1001, 1001, 1001])
        #expect(play.totals.ledger.balances)
    }

    @Test func stopSaysWhereEverybodyStands() throws {
        let peer = try ScriptedPeer(ScriptedPeer.mute)
        let play = try ShardPlay(
            Self.held, against: peer,
            during: { controls in
                peer.wait { $0.messages.count == 4 }
                controls.say("stop")
            })
        #expect(play.outcomes == [:] && play.totals.iterationsInFlight == 4)
        #expect(play.totals.phasesAtEnd[.receiving]?.count == 4)
        #expect(play.totals.ledger.stillOpen == 4 && play.totals.ledger.balances)
        #expect(play.intervals.last?.isLast == true)
    }

    @Test func aHandshakeThatHangsIsInFlightAtTheEnd() throws {
        let peer = try ScriptedPeer(opens: false) { try $0.readToEnd() }
        let play = try ShardPlay(
            """
            name: hung
            accounts: { count: 3 }
            load: { duration: 100ms, ramp: 1ms, grace: 100ms }
            steps: [connect, close]
            timeouts: { handshake: 30s, close: 100ms }
            """, against: peer)
        #expect(play.outcomes == [:])
        #expect(play.totals.phasesAtEnd[.handshaking]?.count == 3)
        #expect(play.totals.ledger.inFlight == 3 && play.totals.ledger.balances)
        #expect(play.totals.iterationsInFlight == 3)
        #expect(play.seconds < 5)
    }

    @Test func aShardWhoseControllerIsGoneEnds() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            Self.held, against: peer,
            during: { controls in
                peer.wait { $0.messages.count == 4 }
                controls.hangUp()
            })
        #expect(play.seconds < 20)
        #expect(play.counters.iterationsStarted == 4 && play.totals.ledger.balances)
    }
}
