import Foundation
import Testing

@testable import RunReport

@Suite(
    .enabled(
        if: Python.canImport("jsonschema"),
        "\(Python.interpreter) has no 'jsonschema'; GATECRASH_PYTHON names another interpreter"))
struct SchemaTests {
    private static let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Reports/report.schema.json")

    /// What the schema has against a document; empty when it is valid.
    private func objections(_ document: String) throws -> String {
        let schema = try String(contentsOf: Self.schema, encoding: .utf8)
        let result = try Python.run(
            """
            import sys, json, jsonschema
            schema, document = json.load(sys.stdin)
            jsonschema.Draft202012Validator.check_schema(schema)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
                print("/".join(map(str, error.absolute_path)), error.message[:200])
            """, input: "[\(schema),\(document)]")
        #expect(result.status == 0, "\(result.error)")
        return result.output
    }

    private func text(_ report: Report) throws -> String {
        String(decoding: try ReportFile.encode(report), as: UTF8.self)
    }

    @Test func reportsAreValid() throws {
        #expect(try objections(text(SampleRun.passing())) == "")
        #expect(try objections(text(SampleRun.frozen())) == "")
        #expect(try objections(text(SampleServer.report())) == "")
        #expect(try objections(text(SampleRun.report([], end: RunEnd(wallS: 0, interruption: "SIGINT")))) == "")
    }

    @Test func aReportWithEveryFieldIsValid() throws {
        var report = try SampleRun.frozen()
        report.run.tls = Report.TLS(insecure: true)
        report.server = try SampleServer.report().server
        report.scenes = [SampleServer.scene]
        report.evidence = [Report.Evidence(file: "threads.txt", what: "thread states")]
        report.violations = ["reserved bits set"]
        report.warnings = ["the ramp is short"]
        #expect(try objections(text(report)) == "")
    }

    @Test(arguments: [
        ("\"status\" : \"pass\"", "\"status\" : \"maybe\""), ("\"asked\" : 200", "\"asked\" : -1"),
        ("\"seed\" : 42", "\"seed\" : \"42\""), ("\"shards\" : 1", "\"shard\" : 1"), ("HISTFAAA", "HISTFBBB"),
        ("\"waiting\" : 100", "\"dreaming\" : 100"), ("gatecrash.report/1", "gatecrash.report/2"),
    ])
    func whatIsWrongIsInvalid(found: String, replacement: String) throws {
        let sound = try text(SampleRun.passing())
        let broken = sound.replacingOccurrences(of: found, with: replacement)
        #expect(broken != sound)
        #expect(try objections(broken) != "")
    }
}
