import LoadMetrics
import Testing

@testable import LoadEngine

/// Logins of one account that overlap, and what it means to be kicked.
@Suite(.serialized) struct ShardKickTests {
    @Test(arguments: [1, 2])
    func everyLoginPlaysAllIterationsUnderTheSameName(_ shards: Int) throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: logins
            accounts: { count: 2, logins: 3 }
            load: { iterations: 2, ramp: 10ms }
            steps: [connect, send: "{account} {index} {login} {iteration}", receive, close]
            """, against: peer, shards: shards)
        #expect(play.outcomes == ["ok": 12])
        let wanted = (0..<2).flatMap { account in
            (0..<3).flatMap { login in (0..<2).map { "user-\(account) \(account) \(login) \($0)" } }
        }
        #expect(peer.seen.messages.sorted() == wanted)
    }

    /// The first message of each client's first two iterations is answered with a kick.
    private static let kicker: ScriptedPeer.Script = { conversation in
        while let message = try conversation.nextMessage() {
            guard message.hasSuffix(" 0") || message.hasSuffix(" 1") else {
                try conversation.send(message)
                continue
            }
            try conversation.sendClose(code: 4001)
            _ = try conversation.nextMessage()
            return
        }
    }

    private static let profile = """
        name: kicked
        accounts: { count: 2, logins: 2 }
        load: { iterations: 3, ramp: 1ms }
        steps: [connect, send: "{login} {iteration}", receive, close]
        """

    @Test func anExpectedKickIsNoFailureAndTheClientIsBackAtOnce() throws {
        let play = try ShardPlay(
            Self.profile + "\nkick: { expected: true }", against: ScriptedPeer(Self.kicker))
        #expect(play.outcomes == ["kicked": 8, "ok": 4])
        let counters = play.counters
        #expect(counters.iterationsStarted == 12 && counters.iterationsCompleted == 4)
        #expect(counters.iterationsInterrupted == 8 && counters.iterationsFailed == 0)
        #expect(play.totals.iterationsInFlight == 0 && play.totals.failedOutcomes == 0)
        #expect(counters.closedByPeer == 8 && counters.closedClean == 4 && play.totals.ledger.balances)
        #expect(play.totals.closeCodes == ["by_peer:4001": 8, "by_us:1000": 4])
        #expect(play.count(.iteration) == 4)
    }

    @Test func anUnexpectedKickIsAFailureOfItsOwnName() throws {
        let play = try ShardPlay(Self.profile, against: ScriptedPeer(Self.kicker))
        #expect(play.outcomes == ["kicked_unexpectedly:4001": 8, "ok": 4])
        #expect(play.counters.iterationsFailed == 8 && play.counters.iterationsInterrupted == 0)
        #expect(play.totals.failedOutcomes == 8 && play.totals.ledger.balances)
        // At least 50 and 100 ms of back-off.
        #expect(play.seconds > 0.15)
    }

    @Test func onlyTheCodesOfTheProfileAreKicks() throws {
        let play = try ShardPlay(
            Self.profile + "\nkick: { codes: [4002, 4003], expected: true }", against: ScriptedPeer(Self.kicker))
        #expect(play.outcomes == ["closed_by_peer:4001": 8, "ok": 4])
    }

    @Test func aKickBeforeTheAdmissionIsOneToo() throws {
        let peer = try ScriptedPeer { conversation in
            conversation.answersPings = false
            try conversation.sendClose(code: 4001)
            _ = try conversation.nextMessage()
        }
        let play = try ShardPlay(
            """
            name: early
            accounts: { count: 3 }
            kick: { expected: true }
            load: { iterations: 2, ramp: 1ms }
            steps: [connect, close]
            """, against: peer)
        #expect(play.outcomes == ["kicked": 6])
        #expect(play.counters.opened == 0 && play.counters.failed == 6 && play.totals.ledger.balances)
    }

    @Test func aKickedClientIsInterruptedByTheRunsEndLikeOthers() throws {
        let play = try ShardPlay(
            """
            name: endless
            accounts: { count: 2, logins: 2 }
            kick: { expected: true }
            load: { duration: 300ms, ramp: 1ms, grace: 200ms }
            steps: [connect: { admit: none }, send: "{login} 0", receive, wait: end, close]
            """, against: ScriptedPeer(Self.kicker))
        let counters = play.counters
        #expect(play.outcomes.keys.allSatisfy { ["kicked", "interrupted"].contains($0) }, "\(play.outcomes)")
        #expect((play.outcomes["kicked"] ?? 0) >= 4)
        #expect(
            counters.iterationsStarted
                == counters.iterationsCompleted + counters.iterationsFailed + counters.iterationsInterrupted
                + play.totals.iterationsInFlight)
        #expect(counters.iterationsFailed == 0 && play.totals.ledger.balances)
    }
}
