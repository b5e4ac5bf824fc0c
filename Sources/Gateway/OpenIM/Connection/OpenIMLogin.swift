internal import NIOCore

/// Who a connection belongs to, and what the service has been told of it; loop-bound.
///
/// The service hears of the end only after it has answered the beginning, since calls may overtake each other.
final class OpenIMLogin: MessageCaller {
    let user: String
    let platform: Int32
    let token: String
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

    /// Numbers of calls: of those that tell beginning and end, and of those whose answers nobody awaits.
    private static let presence = 0
    private static let tokens = 1

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

    /// A newer login has taken the place: says which tokens are good no more, where the newer one's own gateway does not
    /// say so (multiTerminalLoginChecker, internal/msggateway).
    func kicked(for cause: KickCause, policy: OpenIMLoginPolicy) {
        switch (policy, cause) {
        case (_, .order), (.keepAll, _): break
        case (.kickSameClass, _): tell(.kickToken(user: user, platform: platform, token: token), number: Self.tokens)
        case (.kickSamePlatform, .session), (.computerAndOther, .session): break
        case (.kickSamePlatform, .loginElsewhere(let newer)), (.computerAndOther, .loginElsewhere(let newer)):
            tell(.kickOtherTokens(user: user, platform: platform, token: newer), number: Self.tokens)
        }
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

    private func tell(_ call: ServiceCall, number: Int = presence) {
        var payload = ByteBuffer()
        call.write(to: &payload)
        calls?.call(payload, number: number, of: self)
    }

    // MARK: MessageCaller

    var sessionID: UInt64 { 0 }
    var account: String { user }

    func takeReply(to number: Int, _ payload: ByteBuffer) {
        wasAnswered(number)
    }

    /// The gateway goes on without: it has no use for the answer.
    func callFailed(_ number: Int) {
        wasAnswered(number)
    }

    private func wasAnswered(_ number: Int) {
        guard number == Self.presence else { return }
        switch told {
        case .beginning: told = .begun
        case .beginningOfEnded: tellEnd()
        case .nothing, .begun, .ended: break
        }
    }
}

@available(*, unavailable)
extension OpenIMLogin: Sendable {}
