internal import Synchronization

/// All scene probes at once, none waited for longer than a deadline.
final class ProbeRound: Sendable {
    static let deadlineMs = 8000

    private struct Answers {
        var contributions: [SceneContribution?]
        var left: Int
    }

    private let names: [String]
    private let answers: Mutex<Answers>
    private let done = EventSignal()
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// Starts them.
    init(_ probes: [any SceneProbe], folder: String) {
        names = probes.map { "\(type(of: $0))" }
        answers = Mutex(Answers(contributions: Array(repeating: nil, count: probes.count), left: probes.count))
        for (index, probe) in probes.enumerated() {
            let task = Task.detached(executorPreference: ProbeExecutor.shared) { [self] in
                let contribution = await probe.capture(into: folder)
                let isLast = answers.withLock { answers in
                    answers.contributions[index] = contribution
                    answers.left -= 1
                    return answers.left == 0
                }
                if isLast { done.raise() }
            }
            tasks.withLock { $0.append(task) }
        }
    }

    /// What has come by the deadline, or by the time the watch stops; those that are late are cancelled.
    func wait(startedNs: Int64, isStopping: () -> Bool) -> (contributions: [SceneContribution], late: [String]) {
        let deadlineNs = startedNs + Int64(Self.deadlineMs) * 1_000_000
        while answers.withLock({ $0.left }) > 0, MonotonicClock.nowNs < deadlineNs, !isStopping() {
            _ = done.wait(milliseconds: 100)
        }
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
            tasks = []
        }
        let contributions = answers.withLock { $0.contributions }
        return (contributions.compactMap(\.self), zip(names, contributions).filter { $0.1 == nil }.map(\.0))
    }
}
