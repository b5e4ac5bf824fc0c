internal import LoadMetrics

/// The life of one connection, and the one place in the ledger where it ends up.
///
///     state        connected   secured      upgraded        admitted  closeStarted  abandoned  gone
///     none         –           –            –               –         –             –          nothing
///     connecting   securing/   –            –               –         –             –          refused, timedOut, failed
///                  handshaking
///     securing     –           handshaking  –               –         –             –          refused, timedOut, failed
///     handshaking  –           –            admitting/open  –         –             –          refused, timedOut, failed
///     admitting    –           –            –               open      –             –          refused, timedOut, failed
///     open         –           –            –               –         closing       none       lost
///     closing      –           –            –               –         –             –          closedClean, closedByPeer,
///                                                                                              lost
///
/// `–` leaves the state as it is. Every asked connection ends with exactly one `gone`, so the ledger balances by construction;
/// the end of an abandoned one, which is always `lost`, is counted by those who keep it (`AbandonedConnections`).
struct ConnectionMachine: BitwiseCopyable {
    enum State: UInt8, Equatable {
        case none
        case connecting
        case securing
        case handshaking
        case admitting
        case open
        case closing
    }

    /// Why a connection is gone.
    enum Cause: Equatable {
        /// The server said no: TCP reset of the SYN, or an HTTP status other than 101.
        case refused
        case timeout
        case failure
        /// The TCP connection ended; whether that was clean follows from the state.
        case ended
    }

    enum Disposal: Equatable {
        case refused
        case failed
        case timedOut
        case closedClean
        case closedByPeer
        case lost
    }

    private(set) var state = State.none
    private var peerStartedClose = false
    /// Close and answer are seen; what remains is TCP.
    private(set) var isCloseAnswered = false

    var isOnline: Bool { state == .open || state == .closing }
    var exists: Bool { state != .none }

    mutating func ask() {
        self = ConnectionMachine()
        state = .connecting
    }

    mutating func connected(isSecure: Bool) {
        guard state == .connecting else { return }
        state = isSecure ? .securing : .handshaking
    }

    mutating func secured() {
        guard state == .securing else { return }
        state = .handshaking
    }

    mutating func upgraded(needsAdmission: Bool) {
        guard state == .handshaking else { return }
        state = needsAdmission ? .admitting : .open
    }

    mutating func admitted() {
        guard state == .admitting else { return }
        state = .open
    }

    mutating func closeStarted(byPeer: Bool) {
        guard state == .open else { return }
        state = .closing
        peerStartedClose = byPeer
        isCloseAnswered = byPeer
    }

    /// The peer answered our close frame, or our logout.
    mutating func closeAnswered() {
        guard state == .closing else { return }
        isCloseAnswered = true
    }

    /// The connection goes on without the client.
    mutating func abandon() {
        guard state == .open else { return }
        state = .none
    }

    /// The connection no longer exists; nil when there was none.
    mutating func gone(_ cause: Cause) -> Disposal? {
        let last = state
        state = .none
        switch last {
        case .none:
            return nil
        case .connecting, .securing, .handshaking, .admitting:
            switch cause {
            case .refused: return .refused
            case .timeout: return .timedOut
            case .failure, .ended: return .failed
            }
        case .open:
            return .lost
        case .closing:
            guard isCloseAnswered else { return .lost }
            return peerStartedClose ? .closedByPeer : .closedClean
        }
    }
}

extension Counters {
    /// Enters a connection's end into the ledger.
    mutating func count(_ disposal: ConnectionMachine.Disposal) {
        switch disposal {
        case .refused: refused += 1
        case .failed: failed += 1
        case .timedOut: timedOut += 1
        case .closedClean: closedClean += 1
        case .closedByPeer: closedByPeer += 1
        case .lost: lost += 1
        }
    }
}
