internal import Logging
internal import NIOCore

/// The gateways that have said hello and are still there.
final class GatewayLinks: Sendable {
    /// How long a gateway may take to answer what a caller waits for.
    private static let answerTime = Duration.seconds(10)

    private let status: MessageServiceStatus
    private let logger: Logger
    /// Told the push address of a gateway that has gone.
    private let forget: @Sendable (String) -> Void
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var links: [String: GatewayLink] = [:]
    nonisolated(unsafe) private var isStopped = false

    init(status: MessageServiceStatus, logger: Logger, forget: @escaping @Sendable (String) -> Void) {
        self.status = status
        self.logger = logger
        self.forget = forget
    }

    /// A gateway that takes orders there is or has become known.
    func hello(_ address: String, _ target: SocketAddress) {
        let link: GatewayLink? = monitor.withLock {
            guard !isStopped, links[address] == nil else { return nil }
            let link = GatewayLink(to: target, address: address, status: status) { [weak self] in self?.remove($0) }
            links[address] = link
            return link
        }
        guard let link else { return }
        do {
            try link.start()
        } catch {
            logger.error("no thread for a gateway's orders", metadata: ["error": .string("\(error)")])
            remove(link)
        }
    }

    private func remove(_ link: GatewayLink) {
        let wasKnown = monitor.withLock { () -> Bool in
            guard links[link.address] === link else { return false }
            links[link.address] = nil
            return !isStopped
        }
        guard wasKnown else { return }
        forget(link.address)
        logger.info("gateway gone", metadata: ["gateway": .string(link.address)])
    }

    /// Where gateways take orders.
    var targets: [SocketAddress] { all.map(\.target) }

    var areAllGone: Bool { monitor.withLock { links.isEmpty } }

    private var all: [GatewayLink] { monitor.withLock { Array(links.values) } }

    func push(_ frame: ByteBuffer) {
        for link in all {
            if link.send(frame, .push) { status.pushes.add(1) } else { status.pushFailures.add(1) }
        }
    }

    /// Tells every gateway, and waits for none.
    func tell(_ order: GatewayOrder) {
        let frame = order.frame
        for link in all { _ = link.send(frame, .notice) }
    }

    /// Asks every gateway, and waits for those that answer in time.
    func ask(_ order: GatewayOrder) async -> [ByteBuffer] {
        let frame = order.frame
        var waiting: [OrderAnswer] = []
        for link in all {
            let answer = OrderAnswer()
            if link.send(frame, .query(answer)) { waiting.append(answer) }
        }
        var answers: [ByteBuffer] = []
        for answer in waiting {
            if let answer = await answer.value(within: Self.answerTime) { answers.append(answer) }
        }
        return answers
    }

    func stop() {
        let all = monitor.withLock {
            isStopped = true
            return Array(links.values)
        }
        for link in all { link.stop() }
    }
}

extension GatewayOrder {
    /// As it goes over the wire.
    var frame: ByteBuffer {
        var payload = ByteBuffer()
        write(to: &payload)
        var frame = ByteBuffer()
        MessageFrame.order(payload).write(to: &frame)
        return frame
    }
}
