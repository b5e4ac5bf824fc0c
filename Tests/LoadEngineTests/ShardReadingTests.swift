import Glibc
import LoadMetrics
import LoadPlan
import Synchronization
import Testing

@testable import LoadEngine

/// Clients that stop reading.
@Suite(.serialized) struct ShardReadingTests {
    private let admitted = Step.connect(Connect(admit: .none))
    private let hello = Step.send(Message(payload: Template(literal: "hello")))

    private func plan(_ steps: [Step], _ peer: ScriptedPeer, timeouts: Timeouts = Timeouts()) -> Plan {
        let target = TargetURL(
            isSecure: false, host: "127.0.0.1", port: peer.port, resource: Template(literal: "/"))
        return Plan(
            name: "slow", target: .url(target), accounts: Accounts(count: 1),
            load: Load(iterations: 1, ramp: .milliseconds(1)), steps: steps, timeouts: timeouts)
    }

    @Test func thePeersWindowClosesAndTheShardSleeps() throws {
        let taken = Mutex(0)
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextMessage()
            let count = try conversation.fillSocket(quietMs: 500)
            taken.withLock { $0 = count }
            try conversation.readToEnd()
        }
        let play = try ShardPlay(
            plan([admitted, .stopReading, hello, .wait(.fixed(.seconds(60))), .abort], peer), against: peer,
            during: { controls in
                peer.wait { _ in taken.withLock { $0 } > 0 }
                // Two whole intervals in which nothing happens.
                usleep(2_300_000)
                controls.say("stop")
            })
        #expect(play.counters.bytesReceived < 1000, "only the upgrade's answer is read")
        #expect(play.totals.ledger.stillOpen == 1 && play.totals.ledger.balances)
        let busiest = play.intervals.filter { !$0.isLast }.map(\.generator.busyRatio).min()
        #expect((busiest ?? 1) < 0.5, "a loop that spins is never asleep: \(play.intervals.map(\.generator.busyRatio))")
    }

    @Test func theServersEndIsNotSeenUntilTheClientReadsAgain() throws {
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextMessage()
            try conversation.send("unread")
        }
        let play = try ShardPlay(
            plan([admitted, .stopReading, hello, .wait(.fixed(.milliseconds(300))), .close(Close())], peer),
            against: peer)
        // The closing handshake reads again, and finds the end instead of an answer.
        #expect(play.outcomes == ["connection_ended": 1])
        #expect(play.seconds >= 0.3 && play.counters.messagesReceived == 1 && play.totals.ledger.balances)
    }

    @Test func aClosingHandshakeReadsWhatWasLeft() throws {
        let peer = try ScriptedPeer { conversation in
            while let message = try conversation.nextMessage() {
                for _ in 0..<100 { try conversation.send(message) }
            }
        }
        let play = try ShardPlay(
            plan([admitted, .stopReading, hello, .wait(.fixed(.milliseconds(100))), .close(Close())], peer),
            against: peer)
        #expect(play.outcomes == ["ok": 1] && play.counters.closedClean == 1)
        #expect(play.counters.messagesReceived == 100 && play.counters.messagesUnclaimed == 100)
    }

    @Test func heartbeatsGoOnAndNobodyMissesTheirPongs() throws {
        let peer = try ScriptedPeer { conversation in
            conversation.answersPings = false
            while true {
                let frame = try conversation.nextFrame()
                conversation.peer.note { $0.messages.append("\(frame.opcode)") }
                if frame.opcode == 8 { return try conversation.answer(close: frame) }
            }
        }
        let connect = Step.connect(Connect(admit: .none, heartbeat: .milliseconds(30)))
        let play = try ShardPlay(
            plan(
                [connect, .stopReading, .wait(.fixed(.milliseconds(400))), .close(Close())], peer,
                timeouts: Timeouts(ping: .milliseconds(50))), against: peer)
        #expect(play.outcomes == ["ok": 1] && play.count(.ping) == 0)
        #expect(peer.seen.messages.count { $0 == "9" } >= 2)
    }

    @Test func itMayBeTakenOver() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            plan(
                [
                    admitted, .stopReading, hello, .takeover(Takeover()), hello, .receive(Receive()), .close(Close()),
                ], peer), against: peer)
        #expect(play.outcomes == ["ok": 1])
        #expect(play.counters.messagesReceived == 1 && play.counters.opened == 2)
        #expect(play.counters.closedClean == 1 && play.counters.lost == 1 && play.totals.ledger.balances)
    }

    @Test func withoutAConnectionThereIsNothingToStop() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(plan([.stopReading], peer), against: peer)
        #expect(play.outcomes == ["not_connected": 1])
    }

    @Test func rolesArePlayedByAccountWhateverTheShard() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        var plan = plan(
            [
                admitted,
                .roles([
                    Role(accounts: 1, steps: [.send(Message(payload: Template(literal: "one")))]),
                    Role(accounts: 2, steps: [.send(Message(payload: Template(literal: "two")))]),
                    Role(steps: []),
                ]), .close(Close()),
            ], peer)
        plan.accounts = Accounts(count: 5, logins: 2)
        let play = try ShardPlay(plan, against: peer, shards: 3)
        #expect(play.outcomes == ["ok": 10])
        #expect(peer.seen.messages.sorted() == ["one", "one", "two", "two", "two", "two"])
    }

    @Test func thePausesAfterFailuresAreThePlans() throws {
        let peer = try ScriptedPeer { _ in }
        var plan = plan([admitted, hello, .receive(Receive()), .close(Close())], peer)
        plan.load.iterations = 6
        plan.backOff = BackOff(first: .milliseconds(60), last: .milliseconds(120), cycles: true, jitter: false)
        let play = try ShardPlay(plan, against: peer)
        #expect(play.counters.iterationsFailed == 6)
        // 60, 120, 60, 120, 60.
        #expect(play.seconds >= 0.42)
    }
}
