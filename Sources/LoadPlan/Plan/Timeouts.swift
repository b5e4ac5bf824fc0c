/// How long each kind of step may take before it has failed.
///
/// All are longer than zero.
package struct Timeouts: Codable, Equatable, Sendable {
    package var connect: Duration
    package var tls: Duration
    package var handshake: Duration
    package var admission: Duration
    package var send: Duration
    package var receive: Duration
    package var ping: Duration
    package var close: Duration

    /// Ten seconds each: twice the default of `stall.after`, so that a stall is seen before a timeout ends it.
    package init(
        connect: Duration = .seconds(10), tls: Duration = .seconds(10), handshake: Duration = .seconds(10),
        admission: Duration = .seconds(10), send: Duration = .seconds(10), receive: Duration = .seconds(10),
        ping: Duration = .seconds(10), close: Duration = .seconds(10)
    ) {
        self.connect = connect
        self.tls = tls
        self.handshake = handshake
        self.admission = admission
        self.send = send
        self.receive = receive
        self.ping = ping
        self.close = close
    }
}
