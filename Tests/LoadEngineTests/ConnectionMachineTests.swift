import LoadMetrics
import Testing

@testable import LoadEngine

@Suite struct ConnectionMachineTests {
    @Test func aPlainConnectionClosedByUsIsClean() {
        var machine = ConnectionMachine()
        machine.ask()
        machine.connected(isSecure: false)
        machine.upgraded(needsAdmission: true)
        machine.admitted()
        #expect(machine.state == .open)
        machine.closeStarted(byPeer: false)
        machine.closeAnswered()
        #expect(machine.gone(.ended) == .closedClean)
        #expect(machine.gone(.ended) == nil)
    }

    @Test func closeWithoutAnswerIsLost() {
        var machine = openMachine()
        machine.closeStarted(byPeer: false)
        #expect(machine.gone(.timeout) == .lost)
    }

    @Test func thePeersCloseIsThePeers() {
        var machine = openMachine()
        machine.closeStarted(byPeer: true)
        #expect(machine.gone(.ended) == .closedByPeer)
    }

    @Test(arguments: [ConnectionMachine.Cause.refused, .timeout, .failure, .ended])
    func beforeOpenTheCauseDecides(_ cause: ConnectionMachine.Cause) {
        let expected: ConnectionMachine.Disposal =
            switch cause {
            case .refused: .refused
            case .timeout: .timedOut
            case .failure, .ended: .failed
            }
        for steps in 0..<4 {
            var machine = ConnectionMachine()
            machine.ask()
            if steps > 0 { machine.connected(isSecure: true) }
            if steps > 1 { machine.secured() }
            if steps > 2 { machine.upgraded(needsAdmission: true) }
            #expect(machine.gone(cause) == expected, "after \(steps) steps")
        }
    }

    /// Whatever happens in whatever order, the ledger balances: asked = opened + refused + failed + timed out + in flight,
    /// opened = clean + by peer + lost + still open.
    @Test func anyOrderOfInputsBalances() {
        let seed = UInt64.random(in: .min ... .max)
        var random = AccountRandom(seed: seed, client: 0)
        var counters = Counters()
        var machine = ConnectionMachine()
        var abandoned = 0
        for _ in 0..<200_000 {
            let wasOpen = machine.isOnline
            switch random.next() % 10 {
            case 0:
                guard !machine.exists else { continue }
                machine.ask()
                counters.asked += 1
            case 1: machine.connected(isSecure: random.next() % 2 == 0)
            case 2: machine.secured()
            case 3: machine.upgraded(needsAdmission: random.next() % 2 == 0)
            case 4: machine.admitted()
            case 5: machine.closeStarted(byPeer: random.next() % 2 == 0)
            case 6: machine.closeAnswered()
            case 7:
                if machine.state == .open { abandoned += 1 }
                machine.abandon()
            default:
                let causes: [ConnectionMachine.Cause] = [.refused, .timeout, .failure, .ended]
                if let disposal = machine.gone(causes[Int(random.next() % 4)]) { counters.count(disposal) }
            }
            if machine.isOnline, !wasOpen { counters.opened += 1 }
            let pending = machine.exists && !machine.isOnline ? 1 : 0
            let open = abandoned + (machine.isOnline ? 1 : 0)
            #expect(
                counters.asked == counters.opened + counters.refused + counters.failed + counters.timedOut + pending,
                "seed \(seed)")
            #expect(
                counters.opened == counters.closedClean + counters.closedByPeer + counters.lost + open, "seed \(seed)")
        }
    }

    private func openMachine() -> ConnectionMachine {
        var machine = ConnectionMachine()
        machine.ask()
        machine.connected(isSecure: false)
        machine.upgraded(needsAdmission: false)
        return machine
    }
}
