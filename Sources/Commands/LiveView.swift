internal import Diagnosis
internal import Enrollment
internal import Glibc
internal import LoadMetrics
internal import LoadPlan
internal import RunControl
internal import RunReport

/// Shows a run while it goes on, on standard error: a panel redrawn in place on a terminal, otherwise a plain line every few
/// seconds; nothing but findings and warnings with `--quiet`.
final class LiveView: RunObserver {
    private enum Form {
        case panel
        case lines
        case silent
    }

    /// Seconds between plain lines.
    private static let lineEverySeconds = 5.0

    private let output: TextOutput
    private let form: Form
    private let usesColor: Bool
    private var header: RunHeader?
    private var drawnLines = 0
    private var stage: String?
    private var lastLineS = 0.0
    private var saidAnything = false
    private var enrolledPart = ""

    init(_ environment: CommandEnvironment, quiet: Bool) {
        output = environment.standardError
        let isPanel = output.isTerminal && environment.variables["TERM"] != "dumb"
        form = quiet ? .silent : isPanel ? .panel : .lines
        usesColor = environment.usesColor(on: output)
    }

    func enrolling(_ progress: Enrollment.Progress) {
        guard form != .silent else { return }
        let text = "\(progress.part.rawValue): \(progress.done) of \(progress.total)"
        if form == .panel {
            erase()
            output.write(text + "\n")
            drawnLines = 1
        } else if progress.part.rawValue != enrolledPart || progress.done == progress.total {
            enrolledPart = progress.part.rawValue
            output.line(text)
        }
    }

    func started(_ header: RunHeader, folder: String) {
        self.header = header
        erase()
        guard form != .silent else { return }
        output.line(
            "\(header.plan.name): \(header.plan.accounts.count) accounts in \(header.shards) shard(s) on \(header.target), seed \(header.seed), into \(folder)"
        )
    }

    func passed(_ second: IntervalGroup, _ run: ReportBuilder) {
        guard form != .silent, let header else { return }
        let state = LiveState(
            profile: header.plan.name, target: header.target, accounts: header.plan.accounts.count,
            elapsedS: second.endS, plannedS: header.plan.load.duration.map { $0 / .seconds(1) }, stage: stage,
            counters: run.totals.counters, outcomes: run.totals.outcomes, latest: second, findings: run.findings,
            server: run.history.latest)
        if form == .panel { return draw(state) }
        guard second.endS - lastLineS >= Self.lineEverySeconds - 0.01 || !saidAnything else { return }
        lastLineS = second.endS
        saidAnything = true
        output.line(LiveLine.text(state))
    }

    func found(_ finding: Finding) {
        say(
            "\(finding.severity.rawValue) finding at \(finding.onsetS.tenths) s: \(finding.kind.rawValue): \(finding.summary)"
        )
    }

    func kept(_ scene: Report.Scene) {
        guard let line = scene.lines.first else { return }
        say("the scene is kept: \(line.text)")
    }

    func stopping(_ how: String) {
        stage = how
        if form != .panel { say(how) }
    }

    func warned(_ text: String) {
        say("warning: \(text)")
    }

    /// Takes the panel away; what is printed next begins where it began.
    func finish() {
        erase()
    }

    private func say(_ text: String) {
        erase()
        output.line("gatecrash: \(text)")
    }

    private func draw(_ state: LiveState) {
        let size = output.terminalSize ?? (columns: 80, rows: 24)
        let style = TextStyle(color: usesColor, width: size.columns)
        let lines = LivePanel.lines(state, height: max(size.rows - 2, 4), style: style)
        erase()
        // One write, so that a terminal never shows half a panel.
        output.write(lines.joined(separator: "\n") + "\n")
        drawnLines = lines.count
    }

    private func erase() {
        guard drawnLines > 0 else { return }
        output.write("\u{1B}[\(drawnLines)A\u{1B}[J")
        drawnLines = 0
    }
}

extension CommandEnvironment {
    /// Colours are for terminals whose user has not said no: https://no-color.org.
    func usesColor(on output: TextOutput) -> Bool {
        output.isTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
    }

    /// How text is laid out on `output`.
    func style(for output: TextOutput) -> TextStyle {
        TextStyle(color: usesColor(on: output), width: output.terminalSize?.columns ?? 100)
    }
}

extension Double {
    /// With one decimal.
    fileprivate var tenths: String {
        let tenths = Int((Swift.max(self, 0) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
