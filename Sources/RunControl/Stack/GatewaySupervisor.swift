internal import Glibc

/// The bundled stack by itself, for as long as the user wants it.
package enum GatewaySupervisor {
    private static let tickMs: Int32 = 500

    /// Starts the stack, hands each process's ready line to `ready`, and returns after an interrupt, or when one has died.
    ///
    /// - Throws: why a process did not start, or which one ended by itself.
    package static func run(_ layout: StackLayout, executable: String, ready: (String) -> Void) throws {
        let signals = SignalInput()
        let stack = try GatewayStack(layout, executable: executable)
        defer { stack.stop() }
        for member in stack.members { ready(member.readyLine) }
        while signals.take() == 0 {
            var readable = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&readable, 1, tickMs)
            if let death = stack.takeDeaths().first {
                throw GatewayStackError.ended(name: death.member.name, how: death.how)
            }
        }
    }
}
