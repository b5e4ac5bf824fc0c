internal import Dispatch

/// Runs probes on threads of their own, so that neither work elsewhere in the process nor a probe that computes for long
/// delays another.
final class ProbeExecutor: TaskExecutor {
    static let shared = ProbeExecutor()

    private let queue = DispatchQueue(label: "gatecrash.probes", attributes: .concurrent)

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
