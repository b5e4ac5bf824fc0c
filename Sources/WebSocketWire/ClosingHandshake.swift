/// The closing handshake of one connection (RFC 6455 §7.1), as decisions; the caller writes the frames.
///
/// | state         | startClose           | onCloseFrame         | onReplySent |
/// |---------------|----------------------|----------------------|-------------|
/// | open          | closeSent, sendClose | closeReceived, reply | —           |
/// | closeSent     | —                    | done, finished       | —           |
/// | closeReceived | —                    | —                    | done        |
/// | done          | —                    | —                    | —           |
///
/// "—" changes nothing. When both sides begin at once each takes the other's frame for the answer; the initiator is then us.
package struct ClosingHandshake: BitwiseCopyable, Equatable, Sendable {
    package enum State: UInt8, BitwiseCopyable, Sendable {
        case open
        /// Our close frame is out, the peer's is awaited.
        case closeSent
        /// The peer's close frame is in, ours is owed.
        case closeReceived
        /// Both close frames were exchanged; what remains is TCP.
        case done
    }

    /// Whose close frame came first, seen from here.
    package enum Initiator: UInt8, BitwiseCopyable, Sendable {
        case none
        case us
        case peer
    }

    package enum OnStart: Equatable, Sendable {
        /// Send a close frame.
        case sendClose
        /// The handshake is under way or over: send nothing.
        case ignore
    }

    package enum OnCloseFrame: Equatable, Sendable {
        /// Answer with a close frame, then call ``ClosingHandshake/onReplySent()``.
        case reply
        /// It answers ours: the closing handshake is complete.
        case finished
        /// One more close frame: nothing to do.
        case ignore
    }

    package private(set) var state = State.open
    package private(set) var initiator = Initiator.none

    package init() {}

    /// Whether close frames went both ways; an end of the connection before that is abnormal (code 1006).
    package var isComplete: Bool { state == .done }

    /// We want to close, for whatever reason.
    package mutating func startClose() -> OnStart {
        guard state == .open else { return .ignore }
        state = .closeSent
        initiator = .us
        return .sendClose
    }

    /// The peer's close frame has come.
    package mutating func onCloseFrame() -> OnCloseFrame {
        switch state {
        case .open:
            state = .closeReceived
            initiator = .peer
            return .reply
        case .closeSent:
            state = .done
            return .finished
        case .closeReceived, .done:
            return .ignore
        }
    }

    /// Our answer to the peer's close frame has been handed to the kernel.
    package mutating func onReplySent() {
        if state == .closeReceived { state = .done }
    }
}
