internal import Diagnosis
internal import LoadMetrics

/// Rebuilds the report of a run from its journal, also of one that was killed.
package struct ReportRecovery: Sendable {
    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case noHeader(problems: [String])
        case otherFormat(String)

        package var description: String {
            switch self {
            case .noHeader(let problems):
                "this journal has no header, so it cannot be told what was run"
                    + problems.prefix(3).map { "\n  \($0)" }.joined()
            case .otherFormat(let format):
                "this journal has the format '\(format)'; this version reads '\(RunHeader.format)'"
            }
        }
    }

    private var reader = JournalReader()
    private var builder: ReportBuilder?
    private var end: RunEnd?
    private var lastEndS = 0.0
    private var problems: [String] = []
    private var problemCount = 0

    /// Bad lines that are named; the rest are only counted.
    private static let problemLimit = 20

    package init() {}

    /// Takes the next bytes of the journal.
    package mutating func read(_ bytes: [UInt8]) throws(Fault) {
        for entry in reader.read(bytes) { try take(entry) }
    }

    /// The report; `problems` of the journal are among its warnings.
    package mutating func finish() throws(Fault) -> Report {
        if let entry = reader.finish() { try take(entry) }
        guard var builder else { throw .noHeader(problems: problems) }
        for problem in problems { builder.add(warning: "journal: \(problem)") }
        if problemCount > problems.count {
            builder.add(warning: "journal: \(problemCount - problems.count) more lines could not be read")
        }
        return builder.finish(
            end
                ?? RunEnd(
                    wallS: lastEndS, interruption: "the journal ends before the run did: it was killed or crashed"))
    }

    private mutating func take(_ entry: JournalReader.Entry) throws(Fault) {
        switch entry {
        case .problem(let line, let text): note("line \(line): \(text)")
        case .record(.header(let header)):
            guard header.format == RunHeader.format else { throw .otherFormat(header.format) }
            guard builder == nil else { return note("a second header was passed over") }
            builder = ReportBuilder(header: header)
        case .record(let record):
            guard builder != nil else { return note("a record before the header was passed over") }
            add(record)
        }
    }

    private mutating func add(_ record: JournalRecord) {
        switch record {
        case .header: break
        case .interval(let interval):
            do throws(IntervalFault) {
                try builder?.add(interval)
                lastEndS = max(lastEndS, interval.endS)
            } catch {
                note("interval \(interval.sequence) of shard \(interval.shard): \(error)")
            }
        case .exit(let exit): builder?.add(exit)
        case .source(let source): builder?.add(source)
        case .sample(let sample): builder?.add(sample)
        case .event(let event): builder?.add(event)
        case .scene(let scene): builder?.add(scene)
        case .warning(let text): builder?.add(warning: text)
        case .end(let end): self.end = end
        }
    }

    private mutating func note(_ problem: String) {
        problemCount += 1
        if problems.count < Self.problemLimit { problems.append(problem) }
    }
}
