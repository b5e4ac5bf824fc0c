internal import Synchronization

/// What the thread `scene` does: one request after the other.
struct SceneLoop {
    let probes: [any SceneProbe]
    let originNs: Int64
    let state: WatchState

    func run() {
        while !state.mustStop {
            while !state.mustStop, let request = state.nextScene() {
                let records = state.records.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value)
                var capture = SceneCapture(request, records: records, originNs: originNs)
                state.news.post(.scene(capture.run(probes: probes, state: state)))
            }
            if !state.mustStop, state.sceneWake.wait(milliseconds: 60_000) { state.sceneWake.clear() }
        }
    }
}
