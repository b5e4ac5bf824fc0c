internal import CLinux
internal import Glibc

/// A mutex with one condition (pthread_mutex_lock(3p), pthread_cond_wait(3p)).
///
/// Threads that wait here sleep in futex(2), where an observer of the process can see them.
final class Monitor: Sendable {
    // Both live at a fixed address from init to deinit and are made for use by any thread.
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        var status = pthread_mutex_init(mutex, nil)
        precondition(status == 0, "pthread_mutex_init: \(status)")
        let attributes = UnsafeMutablePointer<pthread_condattr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_condattr_init(attributes)
        // Deadlines are monotonic: a step of the wall clock must not lengthen a wait.
        pthread_condattr_setclock(attributes, CLOCK_MONOTONIC)
        status = pthread_cond_init(condition, attributes)
        precondition(status == 0, "pthread_cond_init: \(status)")
        pthread_condattr_destroy(attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Gives the lock up, sleeps until signalled (or woken for no reason) and takes it again.
    ///
    /// Call with the lock held, in a loop that tests the condition.
    func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// Like `wait()`, but no longer than until `deadline`.
    ///
    /// - Returns: `false` when the deadline has passed.
    func wait(until deadline: MonotonicTime) -> Bool {
        clinux_condition_wait_until(condition, mutex, deadline.nanoseconds) != ETIMEDOUT
    }

    func signal() {
        pthread_cond_signal(condition)
    }

    func broadcast() {
        pthread_cond_broadcast(condition)
    }
}
