internal import ArgumentParser
internal import Diagnosis
internal import LoadMetrics
internal import LoadPlan
internal import RunControl
internal import RunReport

/// The observer alone, without any load.
struct WatchCommand: EnvironmentCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watches a server without loading it: descriptors by kind, connections, CPU, memory, threads.",
        discussion: """
            Prints a line a second for each process or metrics address, and what it finds: descriptors that leak or run out, \
            memory that grows, a process that ends. Exit status 6 when it found the server at fault. Reading another user's \
            process takes root or CAP_SYS_PTRACE.
            """)

    @Option(name: .customLong("pid"), help: "Process to watch; repeat it for several.")
    var pids: [Int] = []
    @Option(name: .customLong("port"), help: "TCP port whose listening processes are watched; repeat it for several.")
    var ports: [Int] = []
    @Option(name: .customLong("url"), help: "Metrics address (Prometheus text); repeat it for several.")
    var urls: [String] = []
    @Option(help: "Series to show of the metrics addresses besides the known ones; repeat it for several.")
    var series: [String] = []
    @Option(help: "Base address of a Go server's net/http/pprof, for the scene.")
    var pprof: String?
    @Option(help: "How long, e.g. 90s, 10m; until interrupted unless said.")
    var duration: String?
    @Option(help: "Folder for the scene of a finding: threads, descriptors, sockets, goroutines.")
    var out: String?
    @Flag(help: "Keep the scene in --out at once, and end.")
    var scene = false
    @Flag(help: "One line of JSON per sample and finding instead of text.")
    var json = false

    func run(in environment: CommandEnvironment) throws {
        var session = WatchSession(try plan(), duration: try parsedDuration(), folder: out, onlyScene: scene)
        let view = WatchView(environment, isJSON: json, folder: out)
        let findings: [Finding]
        do {
            findings = try session.run(view)
        } catch {
            environment.standardError.line("gatecrash: \(error)")
            throw error.exitCode
        }
        guard findings.contains(where: { $0.severity == .critical }) else { return }
        throw ExitCode(Verdict.ExitStatus.serverAtFault)
    }

    func validate() throws {
        guard !pids.isEmpty || !ports.isEmpty || !urls.isEmpty else {
            throw ValidationError("say what to watch: --pid N, --port N or --url URL")
        }
        if scene, out == nil { throw ValidationError("--scene needs --out, the folder to keep it in") }
        if pprof != nil, out == nil {
            throw ValidationError("--pprof needs --out, the folder that the goroutines are kept in")
        }
        if !series.isEmpty, urls.isEmpty { throw ValidationError("--series needs --url, the address that has them") }
        if scene, duration != nil { throw ValidationError("--scene ends at once: --duration has no meaning with it") }
        _ = try plan()
        _ = try parsedDuration()
    }

    private func plan() throws -> WatchPlan {
        for port in ports where !(1...65535).contains(port) {
            throw ValidationError("--port \(port) is none: 1 to 65535")
        }
        for pid in pids where pid < 1 { throw ValidationError("--pid \(pid) is none") }
        for url in urls + (pprof.map { [$0] } ?? []) where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            throw ValidationError("'\(url)' is not an http:// or https:// URL")
        }
        return WatchPlan(
            targetProcesses: false, ports: ports, pids: pids, urls: urls, pprof: pprof, series: series)
    }

    private func parsedDuration() throws -> Duration? {
        guard let duration else { return nil }
        do {
            return try DurationText.parse(duration)
        } catch {
            throw ValidationError("--duration: \(error)")
        }
    }
}

/// What `watch` prints: lines of text, or the journal's lines of JSON.
private final class WatchView: WatchSession.Observer {
    private let output: TextOutput
    private let errors: TextOutput
    private let isJSON: Bool
    private let folder: String?

    init(_ environment: CommandEnvironment, isJSON: Bool, folder: String?) {
        output = environment.standardOutput
        errors = environment.standardError
        self.isJSON = isJSON
        self.folder = folder
    }

    func found(_ source: WatchedSource) {
        guard !isJSON else { return }
        let process = source.pid.map { " (pid \($0)): \(source.command ?? "")" } ?? ""
        output.line("watching \(source.name)\(process)")
    }

    func saw(_ source: String, atS: Double, _ text: String) {
        guard !isJSON else { return }
        output.line("\(Int(atS.rounded())) s  \(source): \(text)")
    }

    func recorded(_ record: JournalRecord) {
        guard isJSON, let line = try? record.line() else { return }
        output.write(String(decoding: line, as: UTF8.self))
    }

    func found(_ finding: Finding) {
        errors.line("gatecrash: \(finding.severity.rawValue) finding: \(finding.kind.rawValue): \(finding.summary)")
    }

    func kept(_ scene: Report.Scene) {
        for line in scene.lines.prefix(5) { errors.line("gatecrash: \(line.text)") }
        let place = scene.files.first.map { $0.file.split(separator: "/").dropLast().joined(separator: "/") } ?? ""
        errors.line("gatecrash: the scene is kept in \(folder ?? ".")/\(place)")
    }

    func warned(_ text: String) {
        errors.line("gatecrash: \(text)")
    }
}
