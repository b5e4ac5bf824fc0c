import LoadMetrics
import Testing

@testable import LoadEngine

/// Whole shards against a scripted server: what is done is what was asked for, and every count says so.
@Suite(.serialized) struct ShardTests {
    // MARK: Iterations

    @Test(arguments: [1, 2])
    func everyIterationIsPlayedOnceAndCounted(_ shards: Int) throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: happy
            accounts: { count: 5 }
            load: { iterations: 3, ramp: 10ms }
            steps: [connect, send: "{account} {iteration}", receive, close]
            """, against: peer, shards: shards)
        #expect(play.outcomes == ["ok": 15])
        let counters = play.counters
        #expect(counters.iterationsStarted == 15 && counters.iterationsCompleted == 15)
        #expect(counters.asked == 15 && counters.opened == 15 && counters.closedClean == 15)
        #expect(counters.messagesSent == 15 && counters.messagesReceived == 15 && counters.messagesUnclaimed == 0)
        #expect(play.totals.ledger.balances)
        for timing in [Timing.connect, .handshake, .admission, .reply, .replyService, .close, .session, .iteration] {
            #expect(play.count(timing) == 15, "\(timing)")
        }
        let wanted = (0..<5).flatMap { account in (0..<3).map { "user-\(account) \($0)" } }
        #expect(peer.seen.messages.sorted() == wanted.sorted())
        #expect(peer.seen.closeCodes == Array(repeating: 1000, count: 15))
        #expect(play.intervals.filter(\.isLast).count == shards)
    }

    @Test func accountsDoTheSameWhateverTheNumberOfShards() throws {
        let profile = """
            name: seeded
            accounts: { count: 5 }
            load: { iterations: 2, ramp: 10ms }
            steps: [connect, send: "{account} {random} {sequence}", receive, wait: { uniform: [0ms, 5ms] }, close]
            """
        func messages(shards: Int, seed: UInt64) throws -> [String] {
            let peer = try ScriptedPeer(ScriptedPeer.echo)
            try ShardPlay(profile, against: peer, shards: shards, seed: seed)
            return peer.seen.messages.sorted()
        }
        let one = try messages(shards: 1, seed: 9)
        #expect(one.count == 10)
        #expect(try messages(shards: 1, seed: 9) == one)
        #expect(try messages(shards: 3, seed: 9) == one)
        #expect(try messages(shards: 1, seed: 10) != one)
    }

    @Test func choicesFollowTheirSharesAndTheSeed() throws {
        func messages(shards: Int, seed: UInt64) throws -> [String] {
            let peer = try ScriptedPeer(ScriptedPeer.echo)
            let play = try ShardPlay(
                """
                name: choices
                accounts: { count: 3, logins: 2 }
                load: { iterations: 2, ramp: 10ms }
                steps:
                  - connect
                  - repeat:
                      times: 50
                      steps:
                        - choose:
                            - { share: 0.2, steps: [send: "rare {account} {login} {sequence}", receive] }
                            - { share: 0.3, steps: [] }
                            - { share: 0.5, steps: [send: "usual {account} {login} {sequence}", receive] }
                  - close
                """, against: peer, shards: shards, seed: seed)
            #expect(play.outcomes == ["ok": 12])
            return peer.seen.messages.sorted()
        }
        let one = try messages(shards: 1, seed: 3)
        // Of 600 draws: 120 and 300, give or take five standard deviations.
        #expect((71...169).contains(one.count { $0.hasPrefix("rare") }))
        #expect((238...362).contains(one.count { $0.hasPrefix("usual") }))
        #expect(try messages(shards: 4, seed: 3) == one)
        #expect(try messages(shards: 1, seed: 4) != one)
    }

    @Test func nestedRepeatsPlayEveryRoundInOrder() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: nested
            accounts: { count: 1 }
            load: { iterations: 2 }
            steps:
              - connect
              - repeat:
                  times: 3
                  steps:
                    - send: "outer {sequence}"
                    - receive: { equals: "outer {sequence}" }
                    - repeat: { times: 2, steps: [send: "inner {sequence}", receive: { equals: "inner {sequence}" }] }
              - close
            """, against: peer)
        #expect(play.outcomes == ["ok": 2])
        let round = ["outer", "inner", "inner"]
        #expect(peer.seen.messages == (1...18).map { "\(round[($0 - 1) % 3]) \($0)" })
    }

    @Test func manyStepsWithoutAWaitLetOthersPlay() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: burst
            accounts: { count: 2 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect, repeat: { times: 2000, steps: [send: x] }, receive: { count: 2000 }, close]
            """, against: peer)
        #expect(play.outcomes == ["ok": 2])
        #expect(play.counters.messagesSent == 4000 && play.counters.messagesReceived == 4000)
        #expect(play.counters.messagesUnclaimed == 0)
    }

    @Test func failuresAreFollowedByGrowingPauses() throws {
        let peer = try ScriptedPeer { _ in }
        let play = try ShardPlay(
            """
            name: failing
            accounts: { count: 2 }
            load: { duration: 1s, ramp: 1ms, grace: 100ms }
            steps: [connect: { admit: none }, send: hello, receive, close]
            """, against: peer)
        #expect(play.outcomes.keys.allSatisfy { ["connection_ended", "connection_reset"].contains($0) })
        // At least 50, 100, 200, 400 and 800 ms between them.
        #expect((4...10).contains(play.counters.iterationsFailed), "\(play.outcomes)")
        #expect(play.counters.lost == play.counters.opened && play.totals.ledger.balances)
    }

    // MARK: Receiving

    @Test func messagesMayComeBeforeTheirReceiveAndInAnyOrder() throws {
        let peer = try ScriptedPeer { conversation in
            while try conversation.nextMessage() != nil {
                for text in ["first", "second", "third"] { try conversation.send(text) }
            }
        }
        let play = try ShardPlay(
            """
            name: early
            accounts: { count: 2 }
            load: { iterations: 2, ramp: 1ms }
            steps:
              - connect
              - send: hello
              - wait: 100ms
              - receive: { equals: third }
              - receive: { contains: irs, timeout: 1s }
              - receive: { timeout: 1s }
              - close
            """, against: peer)
        #expect(play.outcomes == ["ok": 4])
        #expect(play.counters.messagesReceived == 12 && play.counters.messagesUnclaimed == 0)
    }

    @Test(arguments: ["1ms", "50ms"])
    func aReceiveTakesOnlyWhatMatches(_ pause: String) throws {
        let peer = try ScriptedPeer { conversation in
            while try conversation.nextMessage() != nil {
                for text in ["first", "second"] { try conversation.send(text) }
            }
        }
        let play = try ShardPlay(
            """
            name: picky
            accounts: { count: 2 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect, send: hello, wait: \(pause), receive: { equals: third, timeout: 150ms }, close]
            """, against: peer)
        #expect(play.outcomes == ["receive_timeout": 2])
        #expect(play.counters.messagesReceived == 4 && play.counters.messagesUnclaimed == 4)
    }

    @Test func whatNobodyWaitsForIsUnclaimedAndNoError() throws {
        let peer = try ScriptedPeer { conversation in
            try conversation.send("greeting")
            while let message = try conversation.nextMessage() {
                for text in ["noise", message, "noise"] { try conversation.send(text) }
            }
        }
        let play = try ShardPlay(
            """
            name: chatty
            accounts: { count: 3 }
            load: { iterations: 2, ramp: 1ms }
            steps: [connect, send: "mine {index}", receive: { equals: "mine {index}" }, wait: 50ms, close]
            """, against: peer)
        #expect(play.outcomes == ["ok": 6])
        #expect(play.counters.messagesReceived == 24 && play.counters.messagesUnclaimed == 18)
        #expect(play.count(.reply) == 6)
    }

    @Test func aReceiveThatGetsNothingTimesOut() throws {
        let peer = try ScriptedPeer(ScriptedPeer.mute)
        let play = try ShardPlay(
            """
            name: mute
            accounts: { count: 3 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect, send: hello, receive: { timeout: 150ms }, close]
            """, against: peer)
        #expect(play.outcomes == ["receive_timeout": 3])
        #expect(play.counters.lost == 3 && play.totals.ledger.balances)
        #expect(play.count(.reply) == 0)
    }
}
