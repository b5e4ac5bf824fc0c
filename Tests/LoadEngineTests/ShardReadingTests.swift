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

    @Test func thePeersWindowClosesAndTheShardDoesNotSpin() throws {
        let taken = Mutex(0)
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextMessage()
            // More than any socket buffer of this machine takes, if nobody reads.
            let count = try conversation.fillSocket(quietMs: 500)
            taken.withLock { $0 = count }
            try conversation.readToEnd()
        }
        let cpu = Mutex((before: 0, after: 0))
        let play = try ShardPlay(
            plan([admitted, .stopReading, hello, .wait(.fixed(.seconds(60))), .abort], peer), against: peer,
            during: { controls in
                peer.wait { _ in taken.withLock { $0 } > 0 }
                cpu.withLock { $0.before = play(ofPeer: peer) }
                usleep(300_000)
                cpu.withLock { $0.after = play(ofPeer: peer) }
                controls.say("stop")
            })
        #expect(taken.withLock { $0 } > 0)
        #expect(play.counters.bytesReceived < 1000, "only the upgrade's answer is read")
        #expect(play.totals.ledger.stillOpen == 1 && play.totals.ledger.balances)
        let waits = play.intervals.map(\.generator.waits).reduce(0, +)
        #expect(waits < 1000, "\(waits) waits")
    }
}
