internal import LoadMetrics
internal import Synchronization

/// Asks one probe for its samples, one at a time, without ever waiting for it.
final class ProbeRunner: Sendable {
    /// After this much silence the probe is said to be unreadable.
    static let patienceS = 5.0

    let source: WatchedSource
    private let probe: any SampleProbe
    private let state: WatchState
    private let progress = Mutex(Progress())

    private struct Progress {
        var task: Task<Void, Never>?
        var askedAtS = 0.0
        /// The complaint already told; the same one is not told again before the probe has worked.
        var told: String?
    }

    init(_ source: WatchedSource, _ probe: any SampleProbe, state: WatchState) {
        self.source = source
        self.probe = probe
        self.state = state
    }

    func ask(atS: Double) {
        progress.withLock { progress in
            guard progress.task == nil else {
                if atS - progress.askedAtS >= Self.patienceS {
                    complain("\(probe.name) does not answer", atS: atS, &progress)
                }
                return
            }
            progress.askedAtS = atS
            progress.task = Task.detached(executorPreference: ProbeExecutor.shared) { [self] in await fetch(atS: atS) }
        }
    }

    func cancel() {
        progress.withLock { $0.task }?.cancel()
    }

    private func fetch(atS: Double) async {
        do {
            let sample = try await probe.sample(source: source.number, atS: atS)
            progress.withLock { progress in
                progress.told = nil
                progress.task = nil
            }
            state.news.post(.sample(sample))
        } catch {
            progress.withLock { progress in
                progress.task = nil
                guard !Task.isCancelled else { return }
                complain("\(error)", atS: atS, &progress)
            }
        }
    }

    private func complain(_ detail: String, atS: Double, _ progress: inout Progress) {
        guard progress.told != detail else { return }
        progress.told = detail
        state.news.post(.event(ServerEvent(source: source.number, kind: .unreadable, atS: atS, detail: detail)))
    }
}
