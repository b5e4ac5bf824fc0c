internal import Dispatch
internal import Foundation
internal import LoadMetrics
internal import LoadPlan
internal import RunReport
internal import ServerWatch

/// What is seen of the server during a run, and the scenes that are kept of it.
final class RunWatch {
    /// A scene's probes have deadlines of their own; this one is for all of it.
    private static let sceneDeadlineS = 15.0
    /// Scenes of one run: a leak may end in exhaustion, and that in a freeze.
    private static let mostScenes = 3
    /// Of the watch: event loops, /proc folders and files while they are read, a scene's files and fetches.
    private static let neededDescriptors = 40
    /// Findings that come together are seen in one scene.
    private static let sceneSpacingS = 5.0
    private static let shutdownDeadlineS = 2.0

    private let watch: ServerWatch
    private let fetch: HTTPFetch
    private let folder: String
    private let logs: [(source: Int, name: String, path: String)]
    private var tails: [Int: LogTailBox] = [:]
    private var scenesTaken: [(finding: String, folder: String, atS: Double)] = []
    private var pendingSinceS: Double?

    private final class LogTailBox {
        var tail: LogTail
        init(_ path: String) { tail = LogTail(path: path) }
    }

    /// Readable when `take` has something to give.
    var descriptor: Int32 { watch.descriptor }

    /// - Parameters:
    ///   - port: of the target, when it is on this machine; nil otherwise.
    ///   - originNs: CLOCK_MONOTONIC of the run's second 0.
    ///   - reserve: file descriptors that others of this process will need.
    /// - Returns: nil when there is nothing to watch.
    init?(_ plan: WatchPlan, stack: GatewayStack?, port: Int?, originNs: Int64, folder: String, reserve: Int = 0) throws
    {
        var targets: [WatchTarget] = []
        var logs: [(source: Int, name: String, path: String)] = []
        for member in stack?.members ?? [] where plan.targetProcesses {
            if let path = member.log { logs.append((targets.count, member.name, path)) }
            targets.append(
                .process(pid: member.process.pid, role: member.role, name: member.name, port: member.port))
        }
        targets += plan.pids.map { .process(pid: pid_t(clamping: $0), role: .watched, name: "pid \($0)", port: port) }
        targets += plan.ports.map { .port($0) }
        if stack == nil, plan.targetProcesses, plan.pids.isEmpty, plan.ports.isEmpty, let port {
            targets.append(.port(port))
        }
        let gateways = (stack?.members ?? []).filter { $0.role == .gateway }
        guard !targets.isEmpty || !gateways.isEmpty || !plan.urls.isEmpty || plan.pprof != nil else { return nil }
        // An event loop that finds no descriptor ends the process.
        let left = DescriptorRoom.left()
        guard left >= reserve + Self.neededDescriptors + 2 * (gateways.count + plan.urls.count) else {
            throw RunError.start("only \(left) file descriptors are left for it; raise the limit (ulimit -Hn)")
        }
        let fetch = HTTPFetch()
        var probes: [any SampleProbe] = gateways.map {
            OnlineCountProbe(
                MetricsProbe(
                    url: "http://\($0.api)/metrics", series: plan.series, name: "\($0.name) metrics", fetch: fetch))
        }
        probes += plan.urls.map { MetricsProbe(url: $0, series: plan.series, name: $0, fetch: fetch) }
        let asked = probes.enumerated().map { index, probe in
            (
                // The watch numbers them.
                WatchedSource(
                    number: 0, kind: .url, role: index < gateways.count ? .gateway : .watched,
                    name: probe.name), probe
            )
        }
        var sceneProbes: [any SceneProbe] = []
        if !gateways.isEmpty {
            sceneProbes.append(
                QueueProbe(
                    gateways: gateways.map { QueueProbe.Gateway(name: $0.name, url: "http://\($0.api)") }, fetch: fetch)
            )
        }
        if let pprof = plan.pprof { sceneProbes.append(PprofProbe(url: pprof, fetch: fetch)) }
        self.fetch = fetch
        self.folder = folder
        self.logs = logs
        watch = ServerWatch(
            targets, originNs: originNs, sampleProbes: asked, sceneProbes: sceneProbes)
        for log in logs { tails[log.source] = LogTailBox(log.path) }
        try watch.start()
    }

    /// What has been seen since the last call, in the journal's words.
    func take(atS: Double) -> [JournalRecord] {
        var records: [JournalRecord] = watch.take().map { news in
            switch news {
            case .source(let source): .source(source)
            case .sample(let sample): .sample(sample)
            case .event(let event): .event(event)
            case .scene(let scene): .scene(record(scene, atS: atS))
            }
        }
        for log in logs {
            if let line = tails[log.source]?.tail.acceptFailure(atS: atS) {
                records.append(
                    .event(ServerEvent(source: log.source, kind: .acceptFailed, atS: atS, detail: line)))
            }
        }
        return records
    }

    /// Has the scene kept, unless one of this kind of finding has been, or any a moment ago.
    func keepScene(of finding: String, atS: Double) {
        guard scenesTaken.count < Self.mostScenes, !scenesTaken.contains(where: { $0.finding == finding }),
            scenesTaken.last.map({ atS - $0.atS >= Self.sceneSpacingS }) ?? true
        else { return }
        let name = scenesTaken.isEmpty ? "evidence" : "evidence/\(scenesTaken.count + 1)-\(finding)"
        scenesTaken.append((finding, name, atS))
        pendingSinceS = atS
        watch.captureScene(
            SceneRequest(
                folder: "\(folder)/\(name)", title: "\(finding) at \(Int(atS)) s",
                logs: logs.map { SceneRequest.Log(name: $0.name, path: $0.path) }))
    }

    /// Whether a scene is still being kept, and there is time for it.
    func isKeepingScene(atS: Double) -> Bool {
        guard let pendingSinceS else { return false }
        return atS - pendingSinceS < Self.sceneDeadlineS
    }

    func stop() {
        watch.stop()
        let isDone = DispatchSemaphore(value: 0)
        let fetch = fetch
        Task {
            await fetch.shutdown()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + Self.shutdownDeadlineS)
    }

    private func record(_ scene: Scene, atS: Double) -> Report.Scene {
        let taken = scenesTaken.first { scene.folder.hasSuffix($0.folder) }
        if taken?.atS == scenesTaken.last?.atS { pendingSinceS = nil }
        let name = taken?.folder ?? "evidence"
        return Report.Scene(
            atS: ((taken?.atS ?? atS) * 1000).rounded() / 1000, finding: taken?.finding ?? "",
            lines: scene.telling.sorted { $0.weight > $1.weight }.prefix(20).map {
                Report.Scene.Line(weight: $0.weight, text: $0.text)
            },
            files: scene.files.map { Report.Evidence(file: "\(name)/\($0.name)", what: $0.what) })
    }
}

/// Of a bundled gateway's metrics only what /proc does not know: the accounts that it counts as online, and the series
/// that the profile names.
private struct OnlineCountProbe: SampleProbe {
    private let metrics: MetricsProbe
    var name: String { metrics.name }

    init(_ metrics: MetricsProbe) {
        self.metrics = metrics
    }

    func sample(source: Int, atS: Double) async -> ServerSample {
        var sample = ServerSample(source: source, atS: atS)
        // That a gateway of ours does not answer is seen by other means.
        guard let told = try? await metrics.sample(source: source, atS: atS) else { return sample }
        sample.accountsOnline = told.accountsOnline
        sample.series = told.series
        return sample
    }
}
