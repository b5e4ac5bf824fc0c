internal import NIOCore
internal import Synchronization

/// The answer to an order, for one who waits for it.
final class OrderAnswer: Sendable {
    private enum State {
        case pending
        case awaited(CheckedContinuation<ByteBuffer?, Never>)
        case known(ByteBuffer?)
    }

    private let state = Mutex(State.pending)

    /// The first answer counts; nil: the gateway has gone, or its time is over.
    func resolve(_ answer: ByteBuffer?) {
        let continuation: CheckedContinuation<ByteBuffer?, Never>? = state.withLock { state in
            switch state {
            case .known: return nil
            case .pending:
                state = .known(answer)
                return nil
            case .awaited(let continuation):
                state = .known(answer)
                return continuation
            }
        }
        continuation?.resume(returning: answer)
    }

    /// Waits no longer than `time`. Call once.
    func value(within time: Duration) async -> ByteBuffer? {
        let timeout = Task {
            try await Task.sleep(for: time)
            resolve(nil)
        }
        defer { timeout.cancel() }
        return await withCheckedContinuation { continuation in
            let known: ByteBuffer?? = state.withLock { state in
                if case .known(let answer) = state { return .some(answer) }
                state = .awaited(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
