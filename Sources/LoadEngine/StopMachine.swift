/// How a shard ends: drain (finish iterations), then close (those still at it), then cut.
///
///     state      end due / drain()    grace over    close over   halt()
///     running    draining(.drain)     –             –            over(.cut)
///     draining   –                    closing(.close) –          over(.cut)
///     closing    –                    –             over(.cut)   over(.cut)
///     over       –                    –             –            –
struct StopMachine {
    enum State: Equatable {
        case running
        case draining
        case closing
        case over
    }

    enum Action: Equatable {
        case nothing
        /// Start no further iteration.
        case drain
        /// Close the connections that are still open.
        case close
        /// Stop where everything stands.
        case cut
    }

    private(set) var state = State.running
    private var deadlineNs: Int64?

    var isOver: Bool { state == .over }
    var isDraining: Bool { state != .running }
    var isClosing: Bool { state == .closing || state == .over }
    var nextDeadlineNs: Int64? { deadlineNs }

    /// The planned end of a run that ends by time.
    mutating func end(atNs end: Int64) {
        guard state == .running else { return }
        deadlineNs = end
    }

    /// Ends the run now, in order.
    mutating func drain() {
        guard state == .running else { return }
        deadlineNs = .min
    }

    mutating func halt() -> Action {
        guard state != .over else { return .nothing }
        state = .over
        deadlineNs = nil
        return .cut
    }

    /// Moves on when the present state's time is over. `graceNs` and `closeNs` are the lengths of the states that follow.
    mutating func onTime(_ now: Int64, graceNs: Int64, closeNs: Int64) -> Action {
        guard let deadlineNs, now >= deadlineNs else { return .nothing }
        switch state {
        case .running:
            state = .draining
            self.deadlineNs = now &+ graceNs
            return .drain
        case .draining:
            state = .closing
            self.deadlineNs = now &+ closeNs
            return .close
        case .closing:
            return halt()
        case .over:
            return .nothing
        }
    }
}
