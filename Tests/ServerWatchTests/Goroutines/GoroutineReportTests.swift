import Testing

@testable import ServerWatch

@Suite struct GoroutineReportTests {
    private static let kick =
        "chan send ← UnRegister ← close ← KickOnlineMessage ← multiTerminalLoginChecker ← registerClient ← Run.func1"

    @Test(arguments: [("openim-3.5.1-deadlocked", UInt64(20), 15), ("openim-3.8.3-deadlocked", 532, 35)])
    func theLoopThatWaitsForItselfIsTheSuspect(name: String, id: UInt64, readers: Int) throws {
        let report = try DumpFiles.report(name)
        let suspect = try #require(report.suspects.first)
        #expect(report.suspects.count == 1 && suspect.confidence == .likely)
        #expect(report.groups.dump.goroutines[suspect.goroutine].id == id)
        #expect(suspect.why.contains { $0.contains("as \(readers) other goroutines") })
        #expect(suspect.why.contains { $0.contains("only goroutine that runs (*WsServer).Run.func1") })
        #expect(suspect.why.contains { $0.contains("It works on the object at 0xc000") })
        let lines = report.tellingLines
        #expect(lines[0].weight == 100)
        #expect(
            lines[0].text
                == "goroutine \(id), alone: \(Self.kick): it waits for the same channel as \(readers) others, by all "
                + "signs is the one that should receive from it, and nobody receives from it")
        #expect(lines.contains { $0.weight == 95 })
        let readersLine = "\(readers) goroutines: chan send ← UnRegister ← close ← readMessage.func1 ← readMessage"
        #expect(lines.contains { $0.text == readersLine && $0.weight > 90 })
    }

    @Test func aServerAtRestHasNoSuspect() throws {
        let report = try DumpFiles.report("openim-3.5.1-healthy")
        #expect(report.suspects.isEmpty)
        #expect(report.tellingLines.allSatisfy { $0.weight == GoroutineReport.otherWeight })
        #expect(report.text.contains("none found"))
        #expect(
            report.tellingLines.first?.text
                == "5 goroutines: IO wait ← read ← advanceFrame ← NextReader ← ReadMessage ← ReadMessage ← readMessage")
    }

    @Test func groupsCountEveryGoroutineOnceBiggestFirst() throws {
        let groups = try DumpFiles.report("openim-3.8.3-deadlocked").groups
        #expect(groups.groups.map(\.count) == groups.groups.map(\.count).sorted(by: >))
        #expect(groups.groups.flatMap(\.members).sorted() == Array(groups.dump.goroutines.indices))
        #expect(groups.groups.prefix(4).map(\.count) == [35, 35, 35, 4])
        #expect(groups.groups.first { $0.kind == .network && $0.count == 1 } != nil)
    }

    @Test func theReportHasTheSuspectsStackAndEveryGroup() throws {
        let report = try DumpFiles.report("openim-3.5.1-deadlocked")
        #expect(report.text.contains("msggateway.(*WsServer).registerClient on 0xc00015c000"))
        #expect(report.text.contains("    started by golang.org/x/sync/errgroup.(*Group).Go in goroutine 1"))
        #expect(report.text.contains("\n  30 goroutines: chan send ← wsHandler\n    goroutines 4792, 4822,"))
        #expect(report.text.contains("1 goroutine: select (no cases) ← Start"))
    }

    @Test(arguments: [
        ("github.com/a/b/v3/hub.(*Hub).Run.func1", "Run.func1", "github.com/a/b", false),
        ("main.main", "main", "main", false), ("main.(*T).Run-fm", "Run-fm", "main", false),
        ("net/http.(*conn).serve", "serve", "net", true), ("runtime/pprof.Do", "Do", "runtime", true),
        ("gopkg.in/yaml%2ev3.Parse[...]", "Parse[...]", "gopkg.in", false), ("panic", "panic", "panic", false),
        ("", "", "", false), ("(", "(", "(", false), ("a.(", "(", "a", false),
    ])
    func namesOfFunctions(name: String, short: String, module: String, isStandard: Bool) {
        let function = FunctionName(name)
        #expect(function.short == short && function.module == module && function.isStandard == isStandard)
    }
}
