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

    @Test(arguments: ProfileLibrary.entries.map(\.name))
    func readyProfilesCompile(name: String) throws {
        let entry = try #require(ProfileLibrary.entries.first { $0.name == name })
        let program = Program(try Profile.load(text: entry.text, file: entry.file), target: target)
        let count = program.instructions.count
        #expect(program.instructions.last == .end)
        for instruction in program.instructions {
            switch instruction {
            case .choose(let table): #expect(program.choices[table].ways.allSatisfy { (1..<count).contains($0.start) })
            case .jump(let destination): #expect((1..<count).contains(destination))
            case .loopEnd(_, let start): #expect((1..<count).contains(start))
            default: break
            }
        }
        #expect(program.outstandingSends == 1, "each message is answered before the next")
    }

    @Test func unansweredMessagesAreBoundedByThePlan() {
        #expect(program([.connect(Connect()), hello, receive, .close(Close())]).outstandingSends == 1)
        #expect(program([.connect(Connect()), hello, hello, receive, hello]).outstandingSends == 2)
        #expect(program([.connect(Connect()), .repeat(times: 10, steps: [hello])]).outstandingSends == 10)
        #expect(program([.repeat(times: 1000, steps: [hello, receive])]).outstandingSends == 1)
        #expect(program([.repeat(times: 10, steps: [hello, hello, receive])]).outstandingSends == 11)
        #expect(program([hello, hello, .repeat(times: 9, steps: [receive, hello]), hello]).outstandingSends == 3)
        let choice = Step.choose([
            Choice(share: 0.5, steps: [hello, hello]), Choice(share: 0.5, steps: [receive]),
        ])
        #expect(program([hello, choice, hello]).outstandingSends == 4)
        #expect(
            program([.connect(Connect()), .repeat(times: 1_000_000, steps: [hello])]).outstandingSends
                == Program.outstandingLimit)
    }

    @Test func choicesBecomeAJumpTable() {
        let program = program([
            .connect(Connect()),
            .choose([
                Choice(share: 0.25, steps: [.abort]), Choice(share: 0.5, steps: [.ping, .close(Close())]),
                Choice(share: 0.25, steps: [.abandon(Abandon(lifetime: .seconds(2), keep: 3))]),
            ]),
            .wait(.fixed(.seconds(1))),
        ])
        #expect(
            program.instructions == [
                .connect(0), .choose(0), .abort, .jump(8), .ping, .close(0), .jump(8), .abandon(0), .wait(0), .end,
            ])
        let table = program.choices[0]
        #expect([0, 0.2499].map(table.start) == [2, 2])
        #expect([0.25, 0.7499].map(table.start) == [4, 4])
        #expect([0.75, 0.9999999].map(table.start) == [7, 7])
        #expect(program.abandons[0].lifetimeNs == 2_000_000_000 && program.abandons[0].keep == 3)
    }

    @Test func choicesMayBeEmptyAndWithinOthers() {
        let inner = Step.choose([Choice(share: 0.5, steps: []), Choice(share: 0.5, steps: [.ping])])
        let program = program([
            .connect(Connect()), .choose([Choice(share: 0.5, steps: [inner]), Choice(share: 0.5, steps: [])]),
            .close(Close()),
        ])
        #expect(
            program.instructions == [
                .connect(0), .choose(0), .choose(1), .jump(5), .ping, .jump(6), .close(0), .end,
            ])
        #expect(program.choices[0].ways.map(\.start) == [2, 6])
        #expect(program.choices[1].ways.map(\.start) == [3, 4])
        // Shares that add up to a little less leave no hole.
        #expect(program.choices[0].start(draw: 0.99999999) == 6)
    }

    @Test func onlyTextsThatAreLookedAtAreKept() {
        #expect(!program([.connect(Connect()), receive]).readsMessages)
        let equals = Step.receive(Receive(match: .equals(Template(segments: []))))
        #expect(program([.connect(Connect()), equals]).readsMessages)
        #expect(!program([.connect(Connect()), hello]).hasReceive)
    }

    @Test func rolesAreWaysByAccountNumber() {
        let program = program([
            .roles([
                Role(accounts: 1, steps: [.stopReading]), Role(accounts: 2, steps: [.ping, .logout]),
                Role(steps: [.request(.newestSequence)]),
            ]),
            .wait(.end),
        ])
        #expect(
            program.instructions == [
                .role(0), .stopReading, .jump(7), .ping, .logout, .jump(7), .request(0), .wait(0), .end,
            ])
        #expect((0..<5).map(program.roles[0].start) == [1, 3, 3, 6, 6])
        // Where the last role names a number, whoever is left over plays it too.
        let counted = self.program([.roles([Role(accounts: 1, steps: []), Role(accounts: 1, steps: [.ping])])])
        #expect((0..<4).map(counted.roles[0].start) == [1, 2, 2, 2])
    }

    @Test func aTakeoverIsAnAbandonAndAConnect() {
        let program = program([
            .connect(Connect()),
            .takeover(Takeover(abandon: Abandon(lifetime: .seconds(3), keep: 2), connect: Connect(admit: .none))),
        ])
        #expect(program.instructions == [.connect(0), .abandon(0), .connect(1), .end])
        #expect(program.abandons[0].lifetimeNs == 3_000_000_000 && program.abandons[0].keep == 2)
        #expect(program.connects.map(\.admit) == [.pong, .none])
    }

    @Test func pushesAreNoAnswers() {
        func most(_ steps: [Step]) -> Int { UnansweredSends(in: steps, dialect: .openim, limit: 50).most }
        let ack = Step.receive(Receive(match: .ack))
        let push = Step.receive(Receive(match: .push(.own)))
        #expect(most([.repeat(times: 9, steps: [hello, ack, push])]) == 1)
        #expect(most([.repeat(times: 9, steps: [hello, push])]) == 9)
        #expect(most([.repeat(times: 9, steps: [hello, receive])]) == 9)
        #expect(
            UnansweredSends(in: [.repeat(times: 9, steps: [hello, receive])], dialect: .plain, limit: 50).most == 1)
        #expect(most([.repeat(times: 999, steps: [hello])]) == 50)
    }
}
