internal import Logging

/// Once a second, one line for each kind of event worth knowing about, however many there were.
///
/// Bound to the admin event loop.
final class ActivityLog {
    private let status: GatewayStatus
    private let logger: Logger
    private var kicked = 0
    private var acceptErrors = 0
    private var failedCalls = 0
    private var wasFull = false

    init(status: GatewayStatus, logger: Logger) {
        self.status = status
        self.logger = logger
    }

    func report() {
        let kicked = status.registryCounters.kicked.value
        if kicked > self.kicked {
            logger.info("older logins kicked", metadata: ["count": .stringConvertible(kicked - self.kicked)])
        }
        self.kicked = kicked
        let acceptErrors = status.acceptErrors.value
        if acceptErrors > self.acceptErrors {
            logger.warning("accept failed", metadata: ["count": .stringConvertible(acceptErrors - self.acceptErrors)])
        }
        self.acceptErrors = acceptErrors
        let failedCalls = status.failedMessageCalls
        if failedCalls > self.failedCalls {
            logger.error(
                "message calls failed",
                metadata: [
                    "count": .stringConvertible(failedCalls - self.failedCalls),
                    "reason": .string(status.latestMessageCallFailure),
                ])
        }
        self.failedCalls = failedCalls
        reportQueues()
    }

    private func reportQueues() {
        let register = status.queues.registerGauge.waitingCount
        let unregister = status.queues.unregisterGauge.waitingCount
        let isFull = register + unregister > 0
        if isFull {
            logger.warning(
                "queue full",
                metadata: [
                    "waiting_for_register": .stringConvertible(register),
                    "waiting_for_unregister": .stringConvertible(unregister),
                    "capacity": .stringConvertible(status.queues.capacity),
                ])
        } else if wasFull {
            logger.info("queues have room again")
        }
        wasFull = isFull
    }
}
