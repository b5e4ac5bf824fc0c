import Testing

@testable import ServerWatch

@Suite struct WaitGraphTests {
    private func graphed(_ reports: QueueReport...) -> WaitGraph { WaitGraph(first: reports, second: reports) }

    @Test func aQueueThatOnlyItsOwnSenderEmpties() throws {
        let graph = graphed(try QueueReports.selfWait())
        #expect(graph.cycles.map { $0.map(\.actor.id) } == [["gateway-0/thread:hub"]])
        #expect(
            graph.tellingLines == [
                TellingLine(
                    weight: 110,
                    text: "the unregister queue of gateway-0 is full (1000 of 1000) and the hub thread (tid 4711), the "
                        + "only one that takes from it, waits for a place in it since 4.2 s, kicking session 812 "
                        + "(user-7) for session 900"),
                TellingLine(
                    weight: 109,
                    text: "61 connection readers wait for the unregister queue; "
                        + "37 new connections wait for the register queue"),
            ])
    }

    @Test func aLockWhoseHolderWaitsForAQueue() throws {
        let graph = graphed(try QueueReports.lockAndQueue())
        #expect(
            graph.tellingLines.map(\.text) == [
                "circular wait in gateway-0: the hub thread (tid 4711), kicking session 812 (user-7) for session 900, "
                    + "waits since 4.2 s for the write lock of session 812 (user-7), which the reader of session 812 "
                    + "(tid 4720) holds; the reader of session 812 (tid 4720), ending its session, waits since 4.3 s "
                    + "for a place in the unregister queue, which is full (1000 of 1000) and from which only the hub "
                    + "thread (tid 4711) takes"
            ])
    }

    @Test func aLockWhoseHolderWaitsForAClient() throws {
        let graph = graphed(try QueueReports.slowReader())
        #expect(graph.cycles.isEmpty)
        #expect(graph.outward.map { $0.map(\.actor.id) } == [["gateway-0/thread:hub", "gateway-0/writer:812"]])
        #expect(
            graph.tellingLines == [
                TellingLine(
                    weight: 105,
                    text: "gateway-0 waits for somebody outside: the hub thread (tid 4711), kicking session 812 "
                        + "(user-7) for session 900, waits since 4.2 s for the write lock of session 812 (user-7), "
                        + "which the write to session 812 holds; the write to session 812, sending, waits since 5.0 s "
                        + "for the client of session 812 (user-7), which does not read"),
                TellingLine(
                    weight: 40,
                    text: "the register queue of gateway-0 is full (1000 of 1000), 37 wait for a place in it; the hub "
                        + "thread (tid 4711) takes from it and is kicking session 812 (user-7) for session 900"),
            ])
    }

    @Test func gatewaysThatWaitForEachOther() throws {
        let graph = graphed(try QueueReports.across(0, 1), try QueueReports.across(1, 0))
        #expect(
            graph.tellingLines.map(\.text) == [
                "circular wait across gateway-0 and gateway-1: the hub thread of gateway-0 (tid 100), asking the others "
                    + "to kick, waits since 0.9 s for a place in the kick queue of gateway-1, which is full (8 of 8) "
                    + "and from which only the hub thread of gateway-1 (tid 101) takes; the hub thread of gateway-1 "
                    + "(tid 101), asking the others to kick, waits since 0.9 s for a place in the kick queue of "
                    + "gateway-0, which is full (8 of 8) and from which only the hub thread of gateway-0 (tid 100) takes"
            ])
        #expect(graphed(try QueueReports.across(0, 1)).cycles.isEmpty)
        #expect(graphed(try QueueReports.across(0, 2), try QueueReports.across(1, 0)).cycles.isEmpty)
    }

    @Test func aWaitThatMovedIsNoDeadlock() throws {
        let stuck = try QueueReports.selfWait()
        let before = try QueueReports.selfWait(hubWaitsFor: "register")
        #expect(WaitGraph(first: [before], second: [stuck]).cycles.isEmpty)
        #expect(graphed(try QueueReports.selfWait(waitingMs: 499)).cycles.isEmpty)
        #expect(!graphed(try QueueReports.selfWait(waitingMs: 500)).cycles.isEmpty)
        #expect(WaitGraph(first: [], second: [stuck]).cycles.isEmpty)
    }

    @Test func aSecondConsumerThatGoesOnIsNoDeadlock() throws {
        let spare = "\"gateway-0/thread:hub\",\"gateway-0/thread:spare\""
        #expect(graphed(try QueueReports.lockAndQueue(freedBy: spare)).cycles.isEmpty)
        #expect(graphed(try QueueReports.lockAndQueue(freedBy: "\"gateway-0/unheard-of\"")).cycles.isEmpty)
        #expect(graphed(try QueueReports.lockAndQueue(freedBy: "")).cycles.isEmpty)
    }

    @Test func aFullQueueWithoutACircleIsToldAsSuch() throws {
        let graph = graphed(
            try QueueReports.report(
                """
                {"gateway":"gateway-0","resources":[{"id":"q","what":"register queue","capacity":8,"used":8,"waiting":3,
                "freed_by":["hub"]},{"id":"reply","what":"answer of the message service","freed_by":[]}],
                "actors":[{"id":"hub","what":"hub thread","tid":5,"doing":"registering session 4"},
                {"id":"r","what":"reader of session 2","waits_for":"reply","waiting_ms":9100}]}
                """))
        #expect(
            graph.tellingLines == [
                TellingLine(
                    weight: 40,
                    text: "the register queue of gateway-0 is full (8 of 8), 3 wait for a place in it; the hub thread "
                        + "(tid 5) takes from it and is registering session 4"),
                TellingLine(
                    weight: 40,
                    text:
                        "the reader of session 2 of gateway-0 waits since 9.1 s for the answer of the message service "
                        + "of gateway-0"),
            ])
    }

    @Test func aGatewayAtRestHasNothingToTell() throws {
        let graph = graphed(
            try QueueReports.report(
                "{\"gateway\":\"g\",\"resources\":[{\"id\":\"q\",\"what\":\"queue\",\"capacity\":8,\"used\":0}],\"actors\":[]}"
            ))
        #expect(graph.tellingLines.isEmpty && graph.cycles.isEmpty && graph.behind.isEmpty)
    }

    @Test(arguments: ["", "[]", "{}", "{\"gateway\":1,\"resources\":[],\"actors\":[]}", "{\"gateway\":\"g\"}", "\u{0}"])
    func whatIsNoReportIsRefused(json: String) {
        #expect(throws: (any Error).self) { try QueueReports.report(json) }
    }

    @Test func aLongChainThatEndsOutsideIsWorkedOutQuickly() throws {
        let resources = (0...3000).map { index in
            "{\"id\":\"r\(index)\",\"what\":\"lock \(index)\",\"freed_by\":[\(index == 0 ? "" : "\"a\(index - 1)\"")]}"
        }
        let actors = (0...3000).map { index in
            "{\"id\":\"a\(index)\",\"what\":\"t\",\"waits_for\":\"r\(index)\",\"waiting_ms\":600}"
        }
        let graph = graphed(
            try QueueReports.report(
                "{\"gateway\":\"g\",\"resources\":[\(resources.joined(separator: ","))],"
                    + "\"actors\":[\(actors.joined(separator: ","))]}"))
        #expect(graph.outward.map(\.count) == [3001])
        #expect(graph.outward.first?.first?.actor.id == "a3000" && graph.outward.first?.last?.actor.id == "a0")
    }

    /// 3,000 waits in a ring of three with a tail, and hostile numbers.
    @Test func manyWaitsAreWorkedOutQuickly() throws {
        var resources: [String] = []
        var actors: [String] = []
        for index in 0..<3000 {
            let target = index < 3 ? (index + 1) % 3 : index - 1
            resources.append("{\"id\":\"r\(index)\",\"what\":\"lock \(index)\",\"freed_by\":[\"a\(index)\"]}")
            actors.append(
                "{\"id\":\"a\(index)\",\"what\":\"t\",\"count\":\(index == 9 ? Int.max : 1),\"waits_for\":\"r\(target)\","
                    + "\"waiting_ms\":\(index == 5 ? Int.max : 600)}")
        }
        let graph = graphed(
            try QueueReports.report(
                "{\"gateway\":\"g\",\"resources\":[\(resources.joined(separator: ","))],"
                    + "\"actors\":[\(actors.joined(separator: ","))]}"))
        #expect(graph.cycles.map { $0.map(\.actor.id) } == [["a0", "a1", "a2"]])
        #expect(graph.behind.count == 2997)
        #expect(graph.tellingLines.count == 2)
    }
}
