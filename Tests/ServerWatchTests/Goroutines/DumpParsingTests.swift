import Testing

@testable import ServerWatch

@Suite struct DumpParsingTests {
    private func parse(_ text: String) -> GoroutineDump { GoroutineDump(parsing: Array(text.utf8)) }

    @Test func everyPartOfAGoroutineIsRead() throws {
        let dump = parse(
            """
            goroutine 20 [chan send, 5 minutes, locked to thread]:
            example.org/a/b/hub.(*Hub).Leave(0xc00015c000, {0x9c9c78?, 0x2}, ...)
            \t/src/hub.go:126 +0x25
            main.run[...](0x0?)
            \tC:/src/main.go:7
            ...23 frames elided...
            created by main.main in goroutine 1
            \t/src/main.go:3 +0x10

            """)
        let goroutine = try #require(dump.goroutines.first)
        #expect(dump.goroutines.count == 1 && dump.strayLines == 0)
        #expect(goroutine.id == 20 && goroutine.waitReason == "chan send" && goroutine.waitMinutes == 5)
        #expect(goroutine.isLockedToThread && goroutine.isElided && goroutine.creator == 1)
        #expect(
            goroutine.frames.map { dump.calls[Int($0)] } == [
                StackCall(function: "example.org/a/b/hub.(*Hub).Leave", file: "/src/hub.go", line: 126),
                StackCall(function: "main.run[...]", file: "C:/src/main.go", line: 7),
            ])
        #expect(
            goroutine.arguments == [
                Goroutine.Argument(frame: 0, isFirst: true, isCertain: true, value: 0xc0_0015_c000),
                Goroutine.Argument(frame: 0, isFirst: false, isCertain: false, value: 0x9c9c78),
                Goroutine.Argument(frame: 0, isFirst: false, isCertain: true, value: 2),
                Goroutine.Argument(frame: 1, isFirst: true, isCertain: false, value: 0),
            ])
        let creator = try #require(goroutine.createdBy)
        #expect(dump.calls[Int(creator)] == StackCall(function: "main.main", file: "/src/main.go", line: 3))
    }

    @Test(arguments: [
        ("goroutine 1 [running]:", "running", 0), ("goroutine 1 [select (no cases)]:", "select (no cases)", 0),
        ("goroutine 1 [chan receive (nil chan), 1 minutes]:", "chan receive (nil chan)", 1),
        ("goroutine 1 [chan receive (scan), 12 minutes]:", "chan receive", 12),
        ("goroutine 7 gp=0xc000 m=nil mp=0x1 [sync.Mutex.Lock]:", "sync.Mutex.Lock", 0),
        ("goroutine 7 [sleep, synctest bubble 1]:\r", "sleep", 0), ("goroutine 7 []:", "", 0),
    ])
    func headersOfManyKinds(line: String, reason: String, minutes: Int) throws {
        let goroutine = try #require(parse(line + "\n").goroutines.first)
        #expect(goroutine.waitReason == reason && goroutine.waitMinutes == minutes)
    }

    @Test(arguments: [
        "", "\n\n", "goroutine", "goroutine x [running]:", "goroutine 99999999999999999999999 [running]:",
        "goroutine 1 [running", "\tfile.go:1", "created by ", "()", "goroutine 1 running:", "{\"a\":1}",
    ])
    func whatIsNoGoroutineIsSkipped(text: String) {
        #expect(parse(text).goroutines.isEmpty)
        #expect(!GoroutineReport(of: parse(text), source: "test").text.isEmpty)
    }

    @Test func brokenPartsAreKeptAsFarAsTheyGo() {
        let dump = parse(
            """
            goroutine profile: total 2
            goroutine 1 [chan send]:
            a.f(
            a.g()
            \tx.go:notANumber +0x1
            \tx.go:9
            goroutine 2 [select]:
            b.f(0xffffffffffffffffffffff, {{{}, 0x)
            created by
            """)
        #expect(dump.strayLines == 1)
        #expect(dump.goroutines.map(\.id) == [1, 2])
        #expect(dump.goroutines[0].frames.map { dump.calls[Int($0)].function } == ["a.f", "a.g"])
        #expect(dump.calls[Int(dump.goroutines[0].frames[1])].file == "x.go:notANumber")
    }

    @Test func controlCharactersDoNotReachTheReader() {
        let dump = parse("goroutine 1 [chan\u{1B}[2J send]:\nmain.\u{1B}]0;x\u{7}f()\n\t\u{202E}x.go:1\n")
        let text = GoroutineReport(of: dump, source: "test").text
        #expect(text.contains("main.?]0;x?f") && text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        #expect(!text.contains("\u{202E}"))
    }

    @Test func cutAnywhereTheDumpIsReadUpToThere() throws {
        let bytes = try DumpFiles.bytes("openim-3.5.1-healthy")
        let whole = GoroutineDump(parsing: bytes).goroutines
        #expect(whole.count == 13)
        for end in stride(from: 0, to: bytes.count, by: 37) {
            let part = GoroutineDump(parsing: Array(bytes[..<end])).goroutines
            #expect(part.count <= whole.count)
            #expect(Array(part.dropLast()).map(\.id) == Array(whole.map(\.id).prefix(max(0, part.count - 1))))
        }
    }

    @Test func anyBytesGiveAReport() throws {
        var mutator = DumpMutator()
        for name in DumpFiles.names {
            let bytes = Array(try DumpFiles.bytes(name).prefix(20_000))
            for round in 0..<60 {
                let report = GoroutineReport(of: GoroutineDump(parsing: mutator.mutated(bytes)), source: "mutant")
                let members = report.groups.groups.reduce(0) { $0 + $1.count }
                #expect(
                    members == report.groups.dump.goroutines.count && !report.text.isEmpty
                        && report.tellingLines.count < 20, "seed \(mutator.seed), round \(round) of \(name)")
            }
        }
    }
}
