internal import Synchronization

/// What the threads of a watch share.
final class WatchState: Sendable {
    let news = NewsBox()
    /// Wakes the sampling thread.
    let samplingWake = EventSignal()
    /// Wakes the thread that captures scenes.
    let sceneWake = EventSignal()
    /// By `WatchedSource.number`.
    let records = Mutex<[Int: SourceRecord]>([:])
    private let isStopping = Mutex(false)
    private let scenes = Mutex<[SceneRequest]>([])

    var hasDescriptors: Bool {
        news.signal.descriptor >= 0 && samplingWake.descriptor >= 0 && sceneWake.descriptor >= 0
    }

    var mustStop: Bool { isStopping.withLock { $0 } }

    func stop() {
        isStopping.withLock { $0 = true }
        samplingWake.raise()
        sceneWake.raise()
    }

    func request(_ scene: SceneRequest) {
        scenes.withLock { $0.append(scene) }
        sceneWake.raise()
    }

    func nextScene() -> SceneRequest? {
        scenes.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
