internal import CLinux
internal import Glibc
internal import Logging
internal import NIOCore

/// What the message service does with a request: it echoes the message, or is OpenIM's services. Called by many threads
/// at once.
final class RequestHandler: Sendable {
    private let status: MessageServiceStatus
    private let logger: Logger
    /// Of the line for each request; nil: no such line.
    private let requestLog: Logger?
    private let addresses: AddressSource?
    private let pushes: PushSender?
    private let hang: Hang?
    /// nil: messages are echoed.
    let openIM: OpenIMService?

    init(_ configuration: MessageServiceConfiguration, status: MessageServiceStatus, logger: Logger) {
        self.status = status
        self.logger = logger
        var logsEachRequest = configuration.logsEachRequest
        var addresses: AddressSource?
        var pushes: PushSender?
        var hang: Hang?
        for defect in configuration.defects {
            switch defect {
            case .addressLookupPerLogLine(let lookup):
                addresses = AddressSource(lookup, status: status)
                logsEachRequest = true
            case .connectionPerPush(let share):
                pushes = PushSender(leavingOpen: share)
            case .messageServiceHang(let after):
                hang = Hang(from: MonotonicTime.now + after)
            // `Defect.validate` lets no others through.
            default: break
            }
        }
        self.addresses = addresses
        self.pushes = pushes
        self.hang = hang
        openIM = configuration.openIM.map { OpenIMService($0, sender: pushes, status: status, logger: logger) }
        requestLog = logsEachRequest && logger.logLevel <= .info ? logger : nil
    }

    /// Ends the waiting of requests that hang.
    func stop() {
        hang?.end()
        openIM?.stop()
    }

    /// Nothing that it has started is left running.
    var hasEnded: Bool { openIM?.hasEnded ?? true }

    /// A gateway takes pushes and orders there.
    func hello(_ gateway: CallingGateway) {
        openIM?.gateways.hello(gateway.address, gateway.target)
    }

    /// Answers, or does not return before the service stops.
    ///
    /// - Parameter gateway: who calls; nil: it has not said where it takes pushes.
    func handle(
        session: UInt64, call: UInt64, account: String, payload: ByteBuffer, gateway: CallingGateway?
    ) -> MessageFrame {
        status.requests.add(1)
        if let openIM { return handle(payload, openIM, session: session, account: account, gateway: gateway) }
        hang?.waitIfDue()
        logHandled(session: session, account: account, bytes: payload.readableBytes)
        guard let pushes else {
            status.requestsAnswered.add(1)
            return .reply(payload)
        }
        do {
            guard let gateway else { throw SystemCallFailure.noPushAddress }
            try pushes.send(.push(session: session, call: call, payload: payload), to: gateway.target)
            status.pushes.add(1)
            status.requestsAnswered.add(1)
            return .pushed
        } catch {
            status.pushFailures.add(1)
            status.requestsFailed.add(1)
            logger.error("push failed", metadata: ["error": .string("\(error)"), "account": .string(account)])
            return .failed(reason: "\(error)")
        }
    }

    /// A hanging message service answers no client's request; tokens and logins are other services' business.
    private func handle(
        _ payload: ByteBuffer, _ openIM: OpenIMService, session: UInt64, account: String, gateway: CallingGateway?
    ) -> MessageFrame {
        var fields = payload
        guard let call = try? ServiceCall.read(from: &fields) else {
            status.requestsFailed.add(1)
            return .failed(reason: "no call of the service")
        }
        if case .perform = call { hang?.waitIfDue() }
        openIM.configuration.callTime.sleepThread()
        logHandled(session: session, account: account, bytes: payload.readableBytes)
        var answer = ByteBuffer()
        openIM.answer(call, gateway: gateway?.address ?? "").write(to: &answer)
        status.requestsAnswered.add(1)
        return .reply(answer)
    }

    private func logHandled(session: UInt64, account: String, bytes: Int) {
        guard let requestLog else { return }
        var metadata: Logger.Metadata = [
            "session": .stringConvertible(Int(session)), "account": .string(account),
            "bytes": .stringConvertible(bytes),
        ]
        if let address = addresses?.address() {
            metadata["address"] = .string(address)
        }
        requestLog.info("handled", metadata: metadata)
    }
}

/// The gateway at the other end of a connection.
struct CallingGateway {
    /// Where it takes pushes, as it says.
    var address: String
    var target: SocketAddress

    init?(address: String) {
        guard let parsed = HostAndPort(address),
            let target = try? SocketAddress(ipAddress: parsed.host, port: parsed.port)
        else { return nil }
        self.address = address
        self.target = target
    }
}

extension Duration {
    /// Keeps the calling thread waiting (nanosleep(2)).
    fileprivate func sleepThread() {
        if self > .zero { clinux_sleep(wholeNanoseconds) }
    }
}

extension SystemCallFailure {
    /// EDESTADDRREQ: a push without an address to send it to.
    fileprivate static var noPushAddress: SystemCallFailure { SystemCallFailure(call: "connect", code: EDESTADDRREQ) }
}

/// From some time on, whoever comes here waits for what never comes.
final class Hang: Sendable {
    private let start: MonotonicTime
    private let monitor = Monitor()
    // Guarded by `monitor`.
    nonisolated(unsafe) private var isOver = false

    init(from start: MonotonicTime) {
        self.start = start
    }

    /// Sleeps in futex(2) from `start` until `end()`.
    func waitIfDue() {
        guard MonotonicTime.now >= start else { return }
        monitor.withLock {
            while !isOver { monitor.wait() }
        }
    }

    /// For the service's own end.
    func end() {
        monitor.withLock {
            isOver = true
            monitor.broadcast()
        }
    }
}
