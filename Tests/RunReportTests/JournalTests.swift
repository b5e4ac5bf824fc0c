import Diagnosis
import LoadMetrics
import RunReport
import Testing

@Suite struct JournalTests {
    private func journal(_ records: [JournalRecord]) throws -> [UInt8] { try records.flatMap { try $0.line() } }

    private var records: [JournalRecord] {
        [.header(SampleRun.header())] + (0..<5).map { .interval(SampleRun.good($0, isLast: $0 == 4)) }
            + [.warning("the ramp is short"), .end(RunEnd(wallS: 5.25))]
    }

    private func recover(_ bytes: [UInt8], pieces: Int = 1 << 20) throws -> Report {
        var recovery = ReportRecovery()
        var start = 0
        while start < bytes.count {
            let end = min(start + pieces, bytes.count)
            try recovery.read(Array(bytes[start..<end]))
            start = end
        }
        return try recovery.finish()
    }

    @Test func everyRecordIsOneLineAndReadsBack() throws {
        let exit = ProcessExit(role: .gateway, number: 0, pid: 9, atS: 2, reason: "exit status 1\nand a line feed")
        let others = SampleServer.records + [.exit(exit), .end(RunEnd(wallS: 1, interruption: "SIGINT"))]
        for record in records + others {
            let line = try record.line()
            #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.last == UInt8(ascii: "\n"))
            #expect(try JournalRecord(line: line.dropLast()) == record)
        }
    }

    @Test(arguments: [1, 7, 4096, 1 << 20])
    func aWholeJournalGivesTheRunsReport(pieces: Int) throws {
        var builder = ReportBuilder(header: SampleRun.header())
        for second in 0..<5 { try builder.add(SampleRun.good(second, isLast: second == 4)) }
        builder.add(warning: "the ramp is short")
        let expected = builder.finish(RunEnd(wallS: 5.25))
        #expect(try recover(journal(records), pieces: pieces) == expected)
    }

    @Test func whatWasWatchedIsRecovered() throws {
        let journal = try journal(Array(records.prefix(1)) + SampleServer.records + Array(records.dropFirst()))
        let report = try recover(journal)
        #expect(report.server == (try SampleServer.report().server))
        #expect(report.scenes == [SampleServer.scene])
        #expect(report.evidence == SampleServer.scene.files)
    }

    @Test func aTornLineIsDroppedAndSaid() throws {
        let whole = try journal(Array(records.prefix(4)))
        let report = try recover(Array(whole.dropLast(20)))
        #expect(report.totals.iterations.completed == 20)
        #expect(report.warnings == ["journal: line 4: the last line is torn and was dropped"])
        #expect(report.verdict.status == .invalid && report.verdict.exitStatus == 130)
        #expect(report.run.durationS == 2)
    }

    @Test func badLinesAreNamedAndPassedOver() throws {
        var bytes = try journal(Array(records.prefix(2)))
        bytes += Array("rubbish\n\n{\"interval\":{}}\n{\"dream\":1}\n{\"header\":1,\"end\":2}\n".utf8)
        var impossible = SampleRun.good(1)
        impossible.counters.asked = -4
        bytes += try JournalRecord.interval(impossible).line()
        bytes += try journal([records[0], records[2], .end(RunEnd(wallS: 2))])
        let report = try recover(bytes)
        #expect(report.totals.iterations.completed == 20)
        #expect(
            report.warnings == [
                "journal: line 3: not valid JSON of the expected form",
                "journal: line 5: 'interval.shard' is missing",
                "journal: line 6: not valid JSON of the expected form",
                "journal: line 7: not valid JSON of the expected form",
                "journal: interval 1 of shard 0: a count is negative or impossibly large",
                "journal: a second header was passed over",
            ])
    }

    @Test func withoutAHeaderThereIsNoReport() throws {
        #expect(throws: ReportRecovery.Fault.noHeader(problems: [])) { try recover([]) }
        let headless = try journal(Array(records.dropFirst()))
        #expect(throws: ReportRecovery.Fault.self) { try recover(headless) }
    }

    @Test func anotherFormatIsRefused() throws {
        var header = SampleRun.header()
        header.format = "gatecrash.journal/9"
        let bytes = try journal([.header(header)])
        #expect(throws: ReportRecovery.Fault.otherFormat("gatecrash.journal/9")) { try recover(bytes) }
    }

    @Test func anEndlessLineIsNotGathered() throws {
        var reader = JournalReader()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<20 { #expect(reader.read(piece).isEmpty) }
        #expect(reader.read([UInt8(ascii: "\n")]) == [.problem(line: 1, "longer than 16 MiB")])
        let next = try reader.read(JournalRecord.warning("x").line())
        #expect(next == [.record(.warning("x"))])
    }

    @Test func noMutationTraps() throws {
        var state: UInt64 = 99
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let whole = try journal(records)
        for _ in 0..<60 {
            var bytes = whole
            for _ in 0...random(6) {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(random(256))
                case 1: bytes[random(bytes.count)] = UInt8(ascii: "9")
                default: bytes.remove(at: random(bytes.count))
                }
            }
            if let report = try? recover(bytes) {
                _ = SummaryRenderer.render(report, style: TextStyle(color: true, width: 80))
            }
        }
    }
}
