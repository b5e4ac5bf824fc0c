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
    case abandon(Abandon)
    case `repeat`(times: Int, steps: [Step])
    /// One of them, drawn from the client's seeded generator.
    case choose([Choice])
    /// One of them, by the account's number.
    case roles([Role])
    /// The connection stays open and nothing is read from it any more, until it is closed, reset or abandoned.
    case stopReading
    case takeover(Takeover)
    /// Of a dialect that has requests.
    case request(Request)
    /// Log out (OpenIM's 2003), and wait until the server has ended the connection.
    case logout
}

extension [Step] {
    /// Abandoned connections that a client can have at once.
    package var abandonedAtMost: Int {
        reduce(0) { most, step in
            switch step {
            case .abandon(let abandon): Swift.max(most, abandon.keep)
            case .repeat(_, let steps): Swift.max(most, steps.abandonedAtMost)
            case .choose(let choices): choices.reduce(most) { Swift.max($0, $1.steps.abandonedAtMost) }
            case .roles(let roles): roles.reduce(most) { Swift.max($0, $1.steps.abandonedAtMost) }
            case .takeover(let takeover): Swift.max(most, takeover.abandon.keep)
            case .connect, .send, .receive, .wait, .ping, .close, .abort, .stopReading, .request, .logout: most
            }
        }
    }
}
