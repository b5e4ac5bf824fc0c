package import LoadMetrics
internal import Synchronization

/// Watches processes of this machine through /proc, and whatever probes it is given, while a run goes on.
///
/// Its threads never let the caller wait: news lie ready behind a descriptor. The thread `watch` takes the samples, the
/// thread `scene` keeps the scene of a stop, and probes run as tasks, so that a server which hangs holds up nothing.
///
/// Sources are numbered by their place: targets first, then probes; further processes that are found on a port follow.
/// Which permissions reading needs is said at `ProcFolder`; what may not be read is told by an event, and absent from
/// the samples.
package final class ServerWatch: Sendable {
    /// Readable when there is news to take.
    package var descriptor: Int32 { state.news.signal.descriptor }

    private let targets: [WatchTarget]
    private let originNs: Int64
    private let periodNs: Int64
    private let probes: [ProbeRunner]
    private let sceneProbes: [any SceneProbe]
    private let state = WatchState()
    private let threads = Mutex<[WatchThread]>([])

    /// - Parameters:
    ///   - originNs: second 0 of samples and events, on CLOCK_MONOTONIC.
    ///   - periodMs: between samples, which are taken at its multiples since the origin.
    ///   - sampleProbes: sources that are asked; the sources' numbers are given here.
    package init(
        _ targets: [WatchTarget], originNs: Int64, periodMs: Int = 1000,
        sampleProbes: [(WatchedSource, any SampleProbe)] = [], sceneProbes: [any SceneProbe] = []
    ) {
        self.targets = targets
        self.originNs = originNs
        periodNs = Int64(max(periodMs, 10)) * 1_000_000
        let state = state
        probes = sampleProbes.enumerated().map { index, entry in
            var source = entry.0
            source.number = targets.count + index
            return ProbeRunner(source, entry.1, state: state)
        }
        self.sceneProbes = sceneProbes
    }

    deinit {
        stop()
    }

    /// Begins, once; the first samples are taken at once.
    package func start() throws(WatchError) {
        guard threads.withLock({ $0.isEmpty }) else { return }
        guard state.hasDescriptors else { throw .cannotStart(reason: "no file descriptor is left") }
        let (targets, originNs, periodNs, probes, sceneProbes) = (targets, originNs, periodNs, probes, sceneProbes)
        let state = state
        let sampling = try WatchThread(name: "watch") {
            SamplingLoop(targets, originNs: originNs, periodNs: periodNs, probes: probes, state: state).run()
        }
        threads.withLock { $0.append(sampling) }
        let scene = try WatchThread(name: "scene") {
            SceneLoop(probes: sceneProbes, originNs: originNs, state: state).run()
        }
        threads.withLock { $0.append(scene) }
    }

    /// What has come since the last call, in order.
    package func take() -> [WatchNews] {
        state.news.take()
    }

    /// Keeps the scene now; the answer comes as news.
    package func captureScene(_ request: SceneRequest) {
        state.request(request)
    }

    /// Ends all threads, within some seconds whatever /proc and the probes do.
    ///
    /// A scene that is being captured comes out with what is there; one that has not begun does not. News stay to be taken.
    package func stop() {
        state.stop()
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending { thread.join(milliseconds: 4000) }
    }
}
