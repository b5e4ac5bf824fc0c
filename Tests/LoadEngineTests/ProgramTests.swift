import LoadPlan
import Testing

@testable import LoadEngine

@Suite struct ProgramTests {
    private let target = TargetURL(
        isSecure: false, host: "127.0.0.1", port: 1, resource: Template(segments: [.literal([0x2F])]))

    private func program(_ steps: [Step]) -> Program {
        let plan = Plan(name: "test", accounts: Accounts(count: 1), load: Load(iterations: 1), steps: steps)
        return Program(plan, target: target)
    }

    private let hello = Step.send(Message(payload: Template(segments: [.literal(Array("hello".utf8))])))
    private let receive = Step.receive(Receive())

    @Test func loopsBecomeCountersAndJumps() {
        let program = program([
            .connect(Connect()), .repeat(times: 3, steps: [hello, .repeat(times: 2, steps: [receive])]),
            .close(Close()),
        ])
        #expect(
            program.instructions == [
                .connect(0), .loopBegin(slot: 0, times: 3), .send(0), .loopBegin(slot: 1, times: 2), .receive(0),
                .loopEnd(slot: 1, start: 4), .loopEnd(slot: 0, start: 2), .close(0), .end,
            ])
        #expect(program.loopSlots == 2)
    }

    @Test func unansweredMessagesAreBoundedByThePlan() {
        #expect(program([.connect(Connect()), hello, receive, .close(Close())]).outstandingSends == 1)
        #expect(program([.connect(Connect()), hello, hello, receive, hello]).outstandingSends == 2)
        #expect(program([.connect(Connect()), .repeat(times: 10, steps: [hello])]).outstandingSends == 10)
        #expect(
            program([.connect(Connect()), .repeat(times: 1_000_000, steps: [hello])]).outstandingSends
                == Program.outstandingLimit)
    }

    @Test func onlyTextsThatAreLookedAtAreKept() {
        #expect(!program([.connect(Connect()), receive]).readsMessages)
        let equals = Step.receive(Receive(match: .equals(Template(segments: []))))
        #expect(program([.connect(Connect()), equals]).readsMessages)
        #expect(!program([.connect(Connect()), hello]).hasReceive)
    }
}
