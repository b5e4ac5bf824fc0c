internal import Logging
internal import NIOCore

/// Brings messages to the gateways on a thread of its own, as OpenIM's push service takes them from Kafka: a message's
/// sender does not wait for it.
final class PushDelivery: Sendable {
    struct Push: Sendable {
        var users: [String]
        var operationID: String
        /// A protobuf `Messages`.
        var data: ByteBuffer
        /// Milliseconds since 1970.
        var sendTime: Int64
    }

    /// More than this many are dropped, and counted as failed.
    private static let maxWaiting = 100_000
    /// An older message is not pushed by 3.5.1, and counted by 3.8.3 (internal/push/push_handler.go).
    private static let longTimeMilliseconds: Int64 = 10_000

    private let version: OpenIMVersion
    private let onlineReportDelay: Duration
    private let links: GatewayLinks
    private let online: OnlineDirectory
    /// Of the defect that needs a connection for each push; nil: pushes go over the gateways' links.
    private let sender: PushSender?
    private let status: MessageServiceStatus
    private let logger: Logger
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var waiting = CircularBuffer<Push>()
    nonisolated(unsafe) private var isStopped = false
    nonisolated(unsafe) private var isRunning = false

    init(
        _ configuration: OpenIMServiceConfiguration, links: GatewayLinks, online: OnlineDirectory, sender: PushSender?,
        status: MessageServiceStatus, logger: Logger
    ) {
        version = configuration.version
        onlineReportDelay = configuration.onlineReportDelay
        self.links = links
        self.online = online
        self.sender = sender
        self.status = status
        self.logger = logger
    }

    func start() throws(GatewayError) {
        monitor.withLock { isRunning = true }
        do {
            try NamedThread.start(name: "push") { self.run() }
        } catch {
            monitor.withLock { isRunning = false }
            throw error
        }
    }

    func enqueue(_ push: Push) {
        let isTaken = monitor.withLock {
            guard !isStopped, waiting.count < Self.maxWaiting else { return false }
            waiting.append(push)
            monitor.signal()
            return true
        }
        if !isTaken { status.pushFailures.add(1) }
    }

    /// What has not been delivered yet is dropped.
    func stop() {
        monitor.withLock {
            isStopped = true
            monitor.broadcast()
        }
    }

    var hasEnded: Bool { monitor.withLock { !isRunning } }

    private func run() {
        while let push = next() { deliver(push) }
        monitor.withLock { isRunning = false }
    }

    private func next() -> Push? {
        monitor.withLock {
            while waiting.isEmpty, !isStopped { monitor.wait() }
            return isStopped ? nil : waiting.popFirst()
        }
    }

    private func deliver(_ push: Push) {
        if WallClock.milliseconds - push.sendTime > Self.longTimeMilliseconds {
            guard version != .v3_5_1 else { return }
            status.lateMessages.add(1)
        }
        for user in push.users where isWanted(user) {
            let frame = GatewayOrder.push(user: user, operationID: push.operationID, data: push.data).frame
            if let sender { dialAndSend(frame, sender) } else { links.push(frame) }
        }
    }

    /// 3.5.1 asks every gateway for every user, 3.8.3 only for those that it knows online.
    private func isWanted(_ user: String) -> Bool {
        version == .v3_5_1 || online.isOnline(user, before: MonotonicTime.now + (.zero - onlineReportDelay))
    }

    private func dialAndSend(_ frame: ByteBuffer, _ sender: PushSender) {
        for target in links.targets {
            do {
                try sender.send(frame, to: target)
                status.pushes.add(1)
            } catch {
                status.pushFailures.add(1)
                logger.error("push failed", metadata: ["error": .string("\(error)")])
            }
        }
    }
}
