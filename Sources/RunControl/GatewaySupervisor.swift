internal import Glibc

/// Several gateway processes on one port, for as long as the user wants them.
package enum GatewaySupervisor {
    private static let tickMs: Int32 = 500

    /// Starts `count` processes, hands each one's ready line to `ready`, and returns after an interrupt, or when one has died.
    ///
    /// - Throws: why a process did not start, or which one ended by itself.
    package static func run(
        count: Int, listen: String, api: String, log: String?, arguments: [String], executable: String,
        ready: (String) -> Void
    ) throws {
        let signals = SignalInput()
        let stack = try GatewayStack(
            count: count, executable: executable, listen: listen, api: api, logBase: log, arguments: arguments)
        defer { stack.stop() }
        for member in stack.members { ready(member.readyLine) }
        while signals.take() == 0 {
            var readable = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&readable, 1, tickMs)
            if let death = stack.takeDeaths().first {
                throw GatewayStackError.ended(number: death.number, how: death.how)
            }
        }
    }
}
