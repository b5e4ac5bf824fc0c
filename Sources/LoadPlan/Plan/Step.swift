/// One thing an account does.
package indirect enum Step: Codable, Equatable, Sendable {
    case connect(Connect)
    case send(Message)
    case receive(Receive)
    case wait(Wait)
    /// PING, and wait for its PONG.
    case ping
    case close(Close)
    /// RST instead of a closing handshake.
    case abort
    case `repeat`(times: Int, steps: [Step])
}
