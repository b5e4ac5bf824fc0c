internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread of our own that can be waited for no longer than one wants.
final class WatchThread: Sendable {
    private let thread: Mutex<pthread_t?>
    private let ended: EventSignal

    /// - Parameter name: at most 15 bytes; for observers of this process.
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(WatchError) {
        let ended = EventSignal()
        guard ended.descriptor >= 0 else { throw .cannotStart(reason: "no file descriptor is left") }
        let start = Unmanaged.passRetained(Start(name: name, ended: ended, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                _ = clinux_set_thread_name(start.name)
                start.body()
                start.ended.raise()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw .cannotStart(reason: String(cString: strerror(status)))
        }
        self.thread = Mutex(thread)
        self.ended = ended
    }

    /// Waits for its end; a thread that takes longer is left to itself.
    ///
    /// - Returns: whether it has ended.
    @discardableResult
    func join(milliseconds: Int) -> Bool {
        guard let thread = thread.withLock({ $0.take() }) else { return ended.wait(milliseconds: 0) }
        guard ended.wait(milliseconds: milliseconds) else {
            pthread_detach(thread)
            return false
        }
        pthread_join(thread, nil)
        return true
    }

    private final class Start: Sendable {
        let name: String
        let ended: EventSignal
        let body: @Sendable () -> Void

        init(name: String, ended: EventSignal, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.ended = ended
            self.body = body
        }
    }
}
