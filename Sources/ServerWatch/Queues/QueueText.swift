/// `queues.txt`: the waits of all gateways for a reader.
struct QueueText {
    private(set) var text = ""

    init(graph: WaitGraph, reports: [QueueReport], failures: [ScrapeFailure]) {
        line("Who waits for what in the gateways, as they say themselves (/debug/queues, asked twice).")
        line("A wait counts when it was there both times and has lasted \(WaitGraph.lastingWaitMs) ms.")
        section("Waits that can never end")
        if graph.cycles.isEmpty { line("  none found") }
        for cycle in graph.cycles { line("  - \(graph.sentence(cycle))") }
        if !graph.behind.isEmpty {
            section("Stuck behind them")
            for wait in graph.behind { line("  - \(Self.describe(wait.actor)) → \(wait.resource.what)") }
        }
        for report in reports { describe(report) }
        for failure in failures {
            section("No answer")
            line("  \(failure)")
        }
    }

    private mutating func describe(_ report: QueueReport) {
        section("\(report.gateway)\(report.pid.map { " (pid \($0))" } ?? "")")
        line("  queues and locks")
        for resource in report.resources {
            let fill = WaitGraph.fill(resource).map { ", \($0)\(WaitGraph.isFull(resource) ? " (full)" : "")" } ?? ""
            let waiting = resource.waiting.map { ", \($0) wait for it" } ?? ""
            let owners = resource.freedBy.isEmpty ? "" : ", freed by \(resource.freedBy.joined(separator: ", "))"
            line("    \(resource.what) [\(resource.id)]\(fill)\(waiting)\(owners)")
        }
        line("  threads and connections")
        for actor in report.actors {
            let wait = actor.waitsFor.map { ", waits for \($0)" } ?? ""
            line("    \(Self.describe(actor)) [\(actor.id)]\(wait)")
        }
    }

    private static func describe(_ actor: QueueReport.Actor) -> String {
        let count = actor.count == 1 ? "" : "\(actor.count) "
        let tid = actor.tid.map { " (tid \($0))" } ?? ""
        let doing = actor.doing.map { ", \($0)" } ?? ""
        let wait = actor.waitingMs.map { ", waiting for \($0) ms" } ?? ""
        return "\(count)\(actor.what)\(tid)\(doing)\(wait)"
    }

    private mutating func section(_ title: String) {
        line("")
        line(title)
    }

    private mutating func line(_ line: String) { text += Printable.text(line) + "\n" }
}
