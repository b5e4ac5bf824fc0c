import Foundation
import Testing

/// One `gatecrash run`, in a folder of its own.
final class GatecrashRun {
    let command: RunningCommand
    let scratch = Scratch()
    private(set) var status: Int32 = -1

    var folder: String { scratch.path + "/run" }

    init(_ arguments: [String], profile: String? = nil) throws {
        var words = ["run"]
        if let profile { words.append(try scratch.write(profile, to: "profile.yaml")) }
        words += arguments + ["--out", scratch.path + "/run"]
        command = try RunningCommand(Project.gatecrash, words)
    }

    /// Starts it and waits for its end.
    static func finished(
        _ arguments: [String], profile: String? = nil, seconds: Double = 60,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> GatecrashRun {
        let run = try GatecrashRun(arguments, profile: profile)
        run.wait(seconds: seconds, location)
        return run
    }

    func wait(seconds: Double, _ location: SourceLocation = #_sourceLocation) {
        status = command.wait(seconds: seconds, location)
    }

    var report: ReportDocument { ReportDocument(path: folder + "/report.json") }
    /// Everything it said, for the comment of an expectation.
    var said: String { "status \(status)\n\(command.output)\n\(command.errors)" }
}

/// A report, by path: `totals.ledger.asked`.
struct ReportDocument {
    private let root: [String: Any]
    let path: String

    init(path: String) {
        self.path = path
        let data = FileManager.default.contents(atPath: path) ?? Data()
        root = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    }

    init(text: String) {
        path = ""
        root = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    var exists: Bool { !root.isEmpty }

    func value(_ path: String) -> Any? {
        path.split(separator: ".").reduce(root as Any?) { ($0 as? [String: Any])?[String($1)] }
    }

    func int(_ path: String) -> Int { (value(path) as? NSNumber)?.intValue ?? 0 }
    var outcomes: [String: Int] { value("totals.outcomes") as? [String: Int] ?? [:] }
    var balances: Bool { (value("totals.ledger.balanced") as? NSNumber)?.boolValue ?? false }
    var violations: [String] { value("violations") as? [String] ?? [] }
    var warnings: [String] { value("warnings") as? [String] ?? [] }

    /// Severity by kind.
    var findings: [String: String] {
        let list = value("findings") as? [[String: Any]] ?? []
        return Dictionary(
            list.map { ($0["kind"] as? String ?? "", $0["severity"] as? String ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    /// A number of the first finding of `kind`; infinite when there is none.
    func number(ofFinding kind: String, _ field: String) -> Double {
        let list = value("findings") as? [[String: Any]] ?? []
        let finding = list.first { $0["kind"] as? String == kind }
        return (finding?[field] as? NSNumber)?.doubleValue ?? .infinity
    }

    /// What the first finding of `kind` rests on.
    func evidence(ofFinding kind: String, _ key: String) -> String? {
        let list = value("findings") as? [[String: Any]] ?? []
        return (list.first { $0["kind"] as? String == kind }?["evidence"] as? [String: String])?[key]
    }

    /// The telling lines of all scenes.
    var sceneLines: [String] {
        (value("scenes") as? [[String: Any]] ?? []).flatMap { $0["lines"] as? [[String: Any]] ?? [] }
            .compactMap { $0["text"] as? String }
    }

    /// The files of all scenes, within the run's folder.
    var evidenceFiles: [String] {
        (value("evidence") as? [[String: Any]] ?? []).compactMap { $0["file"] as? String }
    }

    /// Expects that the report keeps to its contract, by Python's jsonschema.
    func expectKeepsSchema(_ location: SourceLocation = #_sourceLocation) throws {
        try Self.expectKeepSchema([self], location)
    }

    /// The same of several reports by one interpreter, which takes longer to start than to check.
    static func expectKeepSchema(_ reports: [ReportDocument], _ location: SourceLocation = #_sourceLocation) throws {
        let script = """
            import json, sys, jsonschema
            validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
            for name in sys.argv[2:]:
                for error in validator.iter_errors(json.load(open(name))):
                    print(name, error.json_path, error.message[:200])
            """
        let schema = Project.root.appending(path: "Reports/report.schema.json").path
        let python = try RunningCommand(Project.python, ["-c", script, schema] + reports.map(\.path))
        let status = python.wait(seconds: 30, location)
        #expect(status == 0 && python.output.isEmpty, "\(python.output)\(python.errors)", sourceLocation: location)
    }
}
