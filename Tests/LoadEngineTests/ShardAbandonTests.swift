import Glibc
import LoadMetrics
import Testing

@testable import LoadEngine

/// Connections that are left open and forgotten.
@Suite(.serialized) struct ShardAbandonTests {
    /// Answers messages, and never ends anything itself.
    private static let patient: ScriptedPeer.Script = { conversation in
        while true {
            guard let message = try conversation.nextMessage() else { return }
            try conversation.send(message)
        }
    }

    private static func profile(_ abandon: String, iterations: Int = 3, after: String = "wait: 1ms") -> String {
        """
        name: left
        accounts: { count: 2 }
        load: { iterations: \(iterations), ramp: 1ms }
        steps: [connect, send: "{account} {iteration}", receive, \(abandon), \(after)]
        """
    }

    @Test func theClientGoesOnAndTheConnectionStaysUntilTheEnd() throws {
        let peer = try ScriptedPeer(Self.patient)
        let play = try ShardPlay(Self.profile("abandon: { keep: 3 }"), against: peer)
        #expect(play.outcomes == ["ok": 6])
        let counters = play.counters
        #expect(counters.opened == 6 && counters.lost == 6 && counters.closedClean == 0)
        #expect(play.totals.ledger.balances && play.totals.ledger.stillOpen == 0)
        #expect(play.count(.session) == 6)
        // All were open at the same time, and reset when everybody had finished.
        peer.wait { $0.resets == 6 }
        #expect(peer.seen.connections == 6 && peer.seen.closeCodes.isEmpty)
    }

    @Test func ofMoreThanAreKeptTheOldestIsReset() throws {
        let peer = try ScriptedPeer(Self.patient)
        let play = try ShardPlay(
            Self.profile("abandon", iterations: 4, after: "wait: { uniform: [1s, 1s] }"), against: peer,
            during: { controls in
                // Each client has left two behind, and kept one of them.
                peer.wait { $0.messages.count >= 4 && $0.resets >= 2 }
                controls.say("stop")
            })
        #expect(play.totals.ledger.balances)
        let ledger = play.totals.ledger
        #expect(ledger.stillOpen >= 2 && ledger.lost >= 2, "\(ledger)")
        #expect(ledger.stillOpen <= 4, "at most one abandoned and one of its own for each: \(ledger)")
    }

    @Test func itIsResetAfterItsTime() throws {
        let peer = try ScriptedPeer(Self.patient)
        let play = try ShardPlay(
            """
            name: timed
            accounts: { count: 2 }
            load: { duration: 60s, ramp: 1ms, grace: 1s }
            steps: [connect, abandon: { for: 100ms }, wait: end]
            """, against: peer,
            during: { controls in
                peer.wait { $0.resets == 2 }
                controls.say("drain")
            })
        #expect(play.outcomes == ["ok": 2] && play.counters.lost == 2 && play.totals.ledger.balances)
    }

    @Test func theServersEndIsSeenAlthoughNothingIsRead() throws {
        // A message, a kick that nobody reads, and after some time the end.
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextMessage()
            try conversation.send("unread")
            try conversation.sendClose(code: 4001)
            usleep(100_000)
        }
        let play = try ShardPlay(
            """
            name: ended
            accounts: { count: 2 }
            load: { duration: 60s, ramp: 1ms, grace: 1s }
            steps: [connect, send: bye, abandon, wait: end]
            """, against: peer,
            during: { controls in
                // Nothing but the server's FIN ends them: bytes are unread, so that our close is a reset.
                peer.wait { $0.resets == 2 }
                controls.say("drain")
            })
        #expect(play.outcomes == ["ok": 2])
        #expect(play.counters.messagesReceived == 0 && play.totals.closeCodes == [:])
        #expect(play.counters.lost == 2 && play.totals.ledger.balances)
    }

    @Test func itCountsAsOpenWhileItIs() throws {
        let peer = try ScriptedPeer(Self.patient)
        let play = try ShardPlay(
            """
            name: open
            accounts: { count: 3 }
            load: { duration: 60s, ramp: 1ms, grace: 1s }
            steps: [connect, send: last, abandon, wait: end]
            """, against: peer,
            during: { controls in
                // The shard leaves in the same turn in which it sends, and hears us in a later one.
                peer.wait { $0.messages.count == 3 }
                usleep(50_000)
                controls.say("stop")
            })
        let last = play.intervals.last?.phases ?? [:]
        #expect(last["open"]?.count == 3 && last["waiting"]?.count == 3, "\(last)")
        #expect((last["open"]?.oldestMs ?? 0) > 0 && last["open"]?.stalled == 0)
        #expect(play.totals.ledger.stillOpen == 3 && play.totals.ledger.balances)
        peer.wait { $0.resets == 3 }
    }

    @Test func heartbeatsEndWithTheConnection() throws {
        let peer = try ScriptedPeer { conversation in
            conversation.answersPings = false
            while true { _ = try conversation.nextFrame() }
        }
        let play = try ShardPlay(
            """
            name: silent
            accounts: { count: 2 }
            load: { iterations: 2, ramp: 1ms }
            steps: [connect: { admit: none, heartbeat: 50ms }, abandon: { keep: 2, for: 10s }, wait: 200ms]
            timeouts: { ping: 50ms }
            """, against: peer)
        #expect(play.outcomes == ["ok": 4])
        #expect(play.count(.ping) == 0 && play.totals.ledger.balances)
    }

    @Test func kickStormAgainstAGatewayThatAllowsOneLogin() throws {
        let peer = try ScriptedPeer(KickingGateway().script)
        let play = try ShardPlay(
            """
            name: storm
            accounts: { count: 5, logins: 2 }
            kick: { expected: true }
            load: { duration: 1500ms, ramp: 100ms, grace: 5s }
            steps:
              - choose: [{ share: 0.3, steps: [] }, { share: 0.7, steps: [wait: { uniform: [1ms, 19ms] }] }]
              - connect
              - send: "{account}"
              - receive
              - wait: { uniform: [5ms, 45ms] }
              - choose:
                  - { share: 0.5, steps: [close] }
                  - { share: 0.3, steps: [abort] }
                  - { share: 0.2, steps: [abandon: { for: 200ms, keep: 4 }] }
            """, against: peer, shards: 2, path: "/?account={account}")
        let counters = play.counters
        #expect(play.totals.failedOutcomes == 0, "\(play.outcomes)")
        #expect((play.outcomes["kicked"] ?? 0) > 0 && (play.outcomes["ok"] ?? 0) > 0, "\(play.outcomes)")
        #expect(
            counters.closedByPeer > 0 && counters.closedClean > 0 && counters.lost > 0, "\(counters)")
        #expect(play.totals.ledger.balances && play.totals.ledger.stillOpen == 0)
        #expect(counters.iterationsInterrupted == (play.outcomes["kicked"] ?? 0))
        #expect(play.totals.iterationsInFlight == 0)
    }
}
