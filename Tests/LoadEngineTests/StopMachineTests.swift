import Testing

@testable import LoadEngine

@Suite struct StopMachineTests {
    @Test func aRunByTimeDrainsThenClosesThenCuts() {
        var machine = StopMachine()
        machine.end(atNs: 100)
        #expect(machine.onTime(99, graceNs: 10, closeNs: 5) == .nothing)
        #expect(machine.onTime(100, graceNs: 10, closeNs: 5) == .drain)
        #expect(machine.isDraining && !machine.isClosing)
        #expect(machine.onTime(109, graceNs: 10, closeNs: 5) == .nothing)
        #expect(machine.onTime(110, graceNs: 10, closeNs: 5) == .close)
        #expect(machine.isClosing && !machine.isOver)
        #expect(machine.onTime(115, graceNs: 10, closeNs: 5) == .cut)
        #expect(machine.isOver)
        #expect(machine.onTime(1_000, graceNs: 10, closeNs: 5) == .nothing)
    }

    @Test func drainEndsARunWithoutDuration() {
        var machine = StopMachine()
        #expect(machine.onTime(1_000, graceNs: 10, closeNs: 5) == .nothing)
        machine.drain()
        #expect(machine.onTime(1_000, graceNs: 10, closeNs: 5) == .drain)
    }

    @Test func haltCutsInEveryState() {
        for states in 0..<3 {
            var machine = StopMachine()
            machine.end(atNs: 0)
            for step in 0..<states { _ = machine.onTime(Int64(step) * 100, graceNs: 10, closeNs: 10) }
            #expect(machine.halt() == .cut)
            #expect(machine.halt() == .nothing)
            #expect(machine.nextDeadlineNs == nil)
        }
    }
}
