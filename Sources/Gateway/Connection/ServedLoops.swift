internal import NIOCore

/// The event loops that serve connections, each with its state.
struct ServedLoops: Sendable {
    private let states: [NIOLoopBound<LoopState>]

    /// - Parameter makeState: called on each loop.
    init(
        _ eventLoops: [any EventLoop], makeState: @escaping @Sendable (Int) -> LoopState
    ) async throws {
        var states: [NIOLoopBound<LoopState>] = []
        for (index, eventLoop) in eventLoops.enumerated() {
            let state = eventLoop.submit { NIOLoopBound(makeState(index), eventLoop: eventLoop) }
            states.append(try await state.get())
        }
        self.states = states
    }

    /// The state of the loop that serves a channel; call on that loop.
    func state(for channel: any Channel) -> LoopState {
        for state in states where state.eventLoop === channel.eventLoop {
            return state.value
        }
        preconditionFailure("channel of a foreign event loop")
    }

    /// Runs `body` on each loop, some time later.
    func onEach(_ body: @escaping @Sendable (LoopState) -> Void) {
        for state in states {
            state.eventLoop.execute { body(state.value) }
        }
    }

    /// Runs `body` on the loop that made a call of the message service, some time later.
    func onLoop(ofCall id: UInt64, _ body: @escaping @Sendable (LoopState) -> Void) {
        let state = states[MessageCalls.loopIndex(ofCall: id, loopCount: states.count)]
        state.eventLoop.execute { body(state.value) }
    }

    /// Runs `body` on each loop again and again.
    func onEach(every interval: TimeAmount, _ body: @escaping @Sendable (LoopState) -> Void) {
        for state in states {
            state.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in body(state.value) }
        }
    }

    /// Asks all connections to end; one future per loop, done when its last connection is gone.
    func drain() -> [EventLoopFuture<Void>] {
        states.map { state in
            let drained = state.eventLoop.makePromise(of: Void.self)
            state.eventLoop.execute { state.value.drain(drained) }
            return drained.futureResult
        }
    }
}
