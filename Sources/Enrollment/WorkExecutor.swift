internal import Dispatch

/// Runs enrollment's asynchronous work on threads of its own: whoever waits for it may be blocking those of Swift's pool.
final class WorkExecutor: TaskExecutor {
    static let shared = WorkExecutor()

    private let queue = DispatchQueue(label: "gatecrash.enrollment", attributes: .concurrent)

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
