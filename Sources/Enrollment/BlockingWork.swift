internal import Dispatch
internal import Synchronization

/// Runs asynchronous work for a thread that may block, such as the main thread of a command.
package enum BlockingWork {
    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }

    /// The result of `work`, once there is one.
    ///
    /// - Parameter meanwhile: called on this thread a few times a second while the work goes on; false asks it to end (task
    ///   cancellation), which is waited for.
    package static func run<Value: Sendable>(
        meanwhile: () -> Bool = { true }, _ work: @escaping @Sendable () async -> Value
    ) -> Value {
        let outcome = Outcome<Value>()
        let task = Task.detached(executorPreference: WorkExecutor.shared) {
            let value = await work()
            outcome.value.withLock { $0 = value }
            outcome.isDone.signal()
        }
        while outcome.isDone.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
            if !meanwhile() { task.cancel() }
        }
        guard let value = outcome.value.withLock({ $0 }) else { preconditionFailure("done without an outcome") }
        return value
    }
}
