internal import CLinux
internal import Glibc

/// A thread of our own, visible under its name in /proc/PID/task/TID/comm.
enum NamedThread {
    /// Runs `body` on a new, detached thread; `name` has at most 15 bytes.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(GatewayError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                pthread_detach(pthread_self())
                start.publishName()
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw .cannotStartThread(reason: String(cString: strerror(status)))
        }
    }

    /// The calling thread as /proc/PID/task names it; 0 without /proc.
    static var currentID: Int {
        // The link's target is PID/task/TID (proc(5)).
        var target = [UInt8](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &target, target.count)
        guard count > 0, let id = target[..<count].split(separator: UInt8(ascii: "/")).last else { return 0 }
        return Int(String(decoding: id, as: UTF8.self)) ?? 0
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        /// Only for observers, so failure is no harm.
        func publishName() {
            _ = clinux_set_thread_name(name)
        }
    }
}
