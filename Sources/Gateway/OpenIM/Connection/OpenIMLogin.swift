internal import NIOCore

/// Who a connection belongs to, and what the service has been told of it; loop-bound.
///
/// The service hears of the end only after it has answered the beginning, since calls may overtake each other.
final class OpenIMLogin: MessageCaller {
    let user: String
    let platform: Int32
    private let token: String
    private let calls: MessageCalls?

    private enum Told {
        case nothing
        /// The answer is still due.
        case beginning
        case begun
        /// The answer is still due, and the end to be told then.
        case beginningOfEnded
        case ended
    }

    private var told = Told.nothing

    init(user: String, platform: Int32, token: String, calls: MessageCalls?) {
        self.user = user
        self.platform = platform
        self.token = token
        self.calls = calls
    }

    /// The session stands in the table.
    ///
    /// - Parameter kicksOtherTokens: those of the user and platform are good no more.
    func began(kicksOtherTokens: Bool) {
        guard told == .nothing else { return }
        told = .beginning
        tell(.loggedIn(user: user, platform: platform, token: token, kicksOtherTokens: kicksOtherTokens))
    }

    /// The connection is gone.
    func ended() {
        switch told {
        case .beginning: told = .beginningOfEnded
        case .begun: tellEnd()
        case .nothing, .beginningOfEnded, .ended: told = .ended
        }
    }

    private func tellEnd() {
        told = .ended
        tell(.loggedOut(user: user, platform: platform))
    }

    private func tell(_ call: ServiceCall) {
        var payload = ByteBuffer()
        call.write(to: &payload)
        calls?.call(payload, number: 0, of: self)
    }

    // MARK: MessageCaller

    var sessionID: UInt64 { 0 }
    var account: String { user }

    func takeReply(to number: Int, _ payload: ByteBuffer) {
        wasAnswered()
    }

    /// The gateway goes on without: it has no use for the answer.
    func callFailed(_ number: Int) {
        wasAnswered()
    }

    private func wasAnswered() {
        switch told {
        case .beginning: told = .begun
        case .beginningOfEnded: tellEnd()
        case .nothing, .begun, .ended: break
        }
    }
}

@available(*, unavailable)
extension OpenIMLogin: Sendable {}
