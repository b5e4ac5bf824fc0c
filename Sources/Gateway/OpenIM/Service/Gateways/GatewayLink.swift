internal import Glibc
internal import NIOCore

/// A connection to one gateway for orders: many may be under way, each is answered in order.
///
/// One thread writes all that has come together since its last write, one reads.
final class GatewayLink: Sendable {
    enum Sent {
        /// Only how many connections it has reached is of interest.
        case push
        case query(OrderAnswer)
        /// The answer is of no interest.
        case notice
    }

    /// Of orders that the gateway does not take off our hands.
    private static let maxBacklogBytes = 64 << 20

    let address: String
    let target: SocketAddress
    private let status: MessageServiceStatus
    private let ended: @Sendable (GatewayLink) -> Void
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var outgoing = ByteBuffer()
    nonisolated(unsafe) private var unanswered = CircularBuffer<Sent>()
    nonisolated(unsafe) private var connection: BlockingConnection?
    nonisolated(unsafe) private var isEnded = false
    nonisolated(unsafe) private var isWriting = true

    /// - Parameter ended: called once, on a thread of the link.
    init(
        to target: SocketAddress, address: String, status: MessageServiceStatus,
        ended: @escaping @Sendable (GatewayLink) -> Void
    ) {
        self.target = target
        self.address = address
        self.status = status
        self.ended = ended
    }

    /// Dials on a thread of its own; orders wait until then.
    func start() throws(GatewayError) {
        try NamedThread.start(name: "orders") { self.run() }
    }

    /// - Parameter frame: a whole ``MessageFrame/order``.
    /// - Returns: `false` when the gateway has gone or takes none.
    func send(_ frame: ByteBuffer, _ sent: Sent) -> Bool {
        monitor.withLock {
            guard !isEnded, outgoing.readableBytes + frame.readableBytes <= Self.maxBacklogBytes else { return false }
            outgoing.writeImmutableBuffer(frame)
            unanswered.append(sent)
            monitor.signal()
            return true
        }
    }

    func stop() {
        end()
    }

    // MARK: Threads

    private func run() {
        do {
            let connection = try BlockingConnection(to: target)
            let isWanted = monitor.withLock {
                guard !isEnded else { return false }
                self.connection = connection
                return true
            }
            if isWanted {
                try NamedThread.start(name: "order-writer") { self.write(to: connection) }
                try readAnswers(from: connection)
            } else {
                noWriter()
            }
        } catch is GatewayError {
            noWriter()
        } catch {
            if monitor.withLock({ connection == nil }) { noWriter() }
        }
        end()
        monitor.withLock {
            while isWriting { monitor.wait() }
            connection?.close()
            connection = nil
        }
        failUnanswered()
        ended(self)
    }

    private func write(to connection: BlockingConnection) {
        var buffer = ByteBuffer()
        while true {
            let isOver = monitor.withLock {
                while outgoing.readableBytes == 0, !isEnded { monitor.wait() }
                swap(&buffer, &outgoing)
                return isEnded
            }
            guard !isOver, (try? connection.write(buffer)) != nil else { break }
            buffer.clear()
        }
        end()
        noWriter()
    }

    private func noWriter() {
        monitor.withLock {
            isWriting = false
            monitor.broadcast()
        }
    }

    private func readAnswers(from connection: BlockingConnection) throws {
        var input = ByteBuffer()
        while true {
            switch try MessageFrame.read(from: &input) {
            case nil:
                input.discardReadBytes()
                if try connection.read(into: &input) == 0 { return }
            case .done(let answer):
                guard let sent = monitor.withLock({ unanswered.popFirst() }) else {
                    throw MessageFrame.Malformed.unexpected
                }
                take(answer, to: sent)
            default: throw MessageFrame.Malformed.unexpected
            }
        }
    }

    private func take(_ answer: ByteBuffer, to sent: Sent) {
        switch sent {
        case .push:
            status.connectionsPushedTo.add(Int(answer.getInteger(at: answer.readerIndex, as: UInt32.self) ?? 0))
        case .query(let waiting):
            waiting.resolve(answer)
        case .notice: break
        }
    }

    // MARK: End

    private func end() {
        monitor.withLock {
            isEnded = true
            if let connection { shutdown(connection.descriptor, CInt(SHUT_RDWR)) }
            monitor.broadcast()
        }
    }

    private func failUnanswered() {
        let left = monitor.withLock {
            defer { unanswered.removeAll() }
            return unanswered
        }
        for sent in left {
            switch sent {
            case .push: status.pushFailures.add(1)
            case .query(let waiting): waiting.resolve(nil)
            case .notice: break
            }
        }
    }
}
