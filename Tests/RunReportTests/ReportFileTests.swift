import Foundation
import RunReport
import Testing

@Suite struct ReportFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gatecrash-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func loadFault(_ path: String) -> String { fault { try ReportFile.load(path: path) } }
    private func recoverFault(_ path: String) -> String { fault { try ReportFile.recover(path: path) } }
    private func decodeFault(_ text: String) -> String {
        fault { try ReportFile.decode(Array(text.utf8), name: "x.json") }
    }

    private func fault(_ body: () throws -> Report) -> String {
        do {
            _ = try body()
            return "none"
        } catch { return "\(error)" }
    }

    @Test func survivesAndIsTheSameEveryTime() throws {
        for report in [try SampleRun.passing(), try SampleRun.frozen()] {
            let bytes = try ReportFile.encode(report)
            #expect(try ReportFile.decode(bytes, name: "report") == report)
            #expect(try ReportFile.encode(report) == bytes)
        }
    }

    @Test func loadsFromTheFileOrItsFolder() throws {
        try withFolder { folder in
            let report = try SampleRun.passing()
            try write(ReportFile.encode(report), folder + "/report.json")
            #expect(try ReportFile.load(path: folder) == report)
            #expect(try ReportFile.load(path: folder + "/") == report)
            #expect(try ReportFile.load(path: folder + "/report.json") == report)
        }
    }

    @Test func recoversFromTheFileOrItsFolder() throws {
        try withFolder { folder in
            let records: [JournalRecord] = [.header(SampleRun.header()), .interval(SampleRun.good(0))]
            try write(records.flatMap { try $0.line() }, folder + "/journal.ndjson")
            for path in [folder, folder + "/journal.ndjson"] {
                #expect(try ReportFile.recover(path: path).totals.iterations.completed == 10)
            }
            #expect(loadFault(folder).contains("try `gatecrash report recover \(folder)`"))
        }
    }

    @Test func faultsSayWhatIsWrong() throws {
        try withFolder { folder in
            #expect(loadFault(folder + "/none") == "\(folder)/none: no such file or folder")
            #expect(loadFault(folder) == "\(folder) holds no report.json")
            #expect(recoverFault(folder) == "\(folder) holds no journal.ndjson")
            for (text, said) in [
                ("", "not valid JSON"), ("[]", "wrong type"), ("{}", "it has no 'schema'"),
                ("{\"schema\":\"gatecrash.report/9\"}", "this version reads 'gatecrash.report/1'"),
                ("{\"schema\":\"gatecrash.report/1\"}", "is missing"),
            ] {
                let message = decodeFault(text)
                #expect(message.hasPrefix("x.json") && message.contains(said), "\(text): \(message)")
            }
        }
    }
}
