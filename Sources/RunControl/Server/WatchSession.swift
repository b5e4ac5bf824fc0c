package import Diagnosis
internal import Glibc
package import LoadMetrics
package import LoadPlan
package import RunReport
internal import ServerWatch

/// Watches a server without any load of ours, and applies the rules that need none.
package struct WatchSession {
    /// Who is told.
    package protocol Observer: AnyObject {
        func found(_ source: WatchedSource)
        func saw(_ source: String, atS: Double, _ text: String)
        func recorded(_ record: JournalRecord)
        func found(_ finding: Finding)
        func kept(_ scene: Report.Scene)
        func warned(_ text: String)
    }

    private static let tickMs: Int32 = 200
    /// How long finding a process may take, seconds.
    private static let discoveryS = 3.0
    /// What a scene that no finding caused is called.
    private static let onDemand = "on_demand"

    private let plan: WatchPlan
    /// nil: until interrupted.
    private let duration: Duration?
    /// Where the evidence goes; nil keeps none.
    private let folder: String?
    /// Keep a scene at once and end.
    private let onlyScene: Bool
    private var history = ServerHistory()
    private var diagnostician: Diagnostician
    private var announced: Set<String> = []

    package init(_ plan: WatchPlan, duration: Duration?, folder: String?, onlyScene: Bool) {
        self.plan = plan
        self.duration = duration
        self.folder = folder
        self.onlyScene = onlyScene
        diagnostician = Diagnostician(
            stallAfterMs: 5_000, processors: MachineLimits.current().processors)
    }

    /// Watches until the time is over or the user has seen enough.
    ///
    /// - Returns: what was found.
    /// - Throws: when nothing can be watched.
    package mutating func run(_ observer: some Observer) throws(RunError) -> [Finding] {
        let signals = SignalInput()
        if let folder { _ = try RunFolder(creating: folder) }
        let originNs = MonotonicClock.nowNs
        let watch: RunWatch?
        do {
            watch = try RunWatch(plan, stack: nil, port: nil, originNs: originNs, folder: folder ?? ".")
        } catch {
            throw .start("cannot watch: \(error)")
        }
        guard let watch else { throw .start("nothing to watch: give --pid, --port or --url") }
        defer { watch.stop() }
        var isSceneAskedFor = false
        func secondsNow() -> Double { Double(MonotonicClock.nowNs - originNs) / 1e9 }
        while signals.take() == 0 {
            if let duration, secondsNow() >= duration / .seconds(1), !watch.isKeepingScene(atS: secondsNow()) { break }
            if onlyScene, isSceneAskedFor, !watch.isKeepingScene(atS: secondsNow()) { break }
            if onlyScene, !isSceneAskedFor, !history.latest.isEmpty || secondsNow() > Self.discoveryS {
                // Once there is somebody to keep it of.
                isSceneAskedFor = true
                watch.keepScene(of: Self.onDemand, atS: secondsNow())
            }
            var polled = [signals.descriptor, watch.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&polled, nfds_t(polled.count), Self.tickMs)
            for record in watch.take(atS: secondsNow()) { take(record, observer) }
            for finding in diagnostician.findings
            where announced.insert("\(finding.kind) \(finding.severity) \(finding.onsetS)").inserted {
                observer.found(finding)
                if folder != nil, finding.severity == .critical {
                    watch.keepScene(of: finding.kind.rawValue, atS: secondsNow())
                }
            }
        }
        return diagnostician.findings
    }

    private mutating func take(_ record: JournalRecord, _ observer: some Observer) {
        observer.recorded(record)
        switch record {
        case .source(let source):
            history.add(source)
            diagnostician.observe(source)
            observer.found(source)
        case .sample(let sample):
            history.add(sample)
            diagnostician.observe(sample)
            guard let (name, text) = history.latestText(of: sample.source) else { return }
            observer.saw(name, atS: sample.atS, text)
        case .event(let event):
            diagnostician.observe(event)
            observer.warned(event.detail)
        case .scene(let scene): observer.kept(scene)
        case .header, .interval, .exit, .warning, .end: break
        }
    }
}
