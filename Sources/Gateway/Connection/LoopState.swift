internal import Logging
internal import NIOCore

/// What one event loop keeps: its open connections and the few deadlines that some of them have.
///
/// Loop-bound; nobody else touches it.
final class LoopState {
    let counters: LoopCounters
    let configuration: GatewayConfiguration
    let registry: any SessionRegistry
    /// Upgraded connections; each knows its index.
    private var connections: [any ServedConnection] = []
    /// Connections that owe something: a request, the answer to a close frame, or to read what was written to them.
    ///
    /// They are looked through a few times a second, which is cheaper than a timer per connection.
    private var deadlines: [ObjectIdentifier: Deadline] = [:]
    private let sessionIDs: SessionIDs
    /// nil: messages are echoed here.
    let messageCalls: MessageCalls?
    /// nil: the gateway does not speak OpenIM.
    let openIM: OpenIMLoop?
    /// nil: there are none.
    let defects: LoopDefects?
    /// nil unless connection events are logged.
    let connectionLog: Logger?
    /// No connection is taken any more.
    private(set) var isDraining = false
    private var drained: EventLoopPromise<Void>?
    private var openCount = 0

    private struct Deadline {
        var channel: any Channel
        var time: NIODeadline
        var isHandshake: Bool
    }

    init(
        counters: LoopCounters, configuration: GatewayConfiguration, registry: any SessionRegistry,
        sessionIDs: SessionIDs, logger: Logger, messageCalls: MessageCalls? = nil, defects: LoopDefects? = nil
    ) {
        self.counters = counters
        self.configuration = configuration
        self.registry = registry
        self.sessionIDs = sessionIDs
        self.messageCalls = messageCalls
        self.defects = defects
        openIM = configuration.openIM.map { OpenIMLoop($0) }
        connectionLog = logger.logLevel <= .debug ? logger : nil
    }

    /// A session of the named account, else of a guest.
    func makeSession(
        account: AccountQuery, channel: any Channel, admission: EventLoopPromise<Void>? = nil
    ) -> Session {
        let id = sessionIDs.next()
        guard case .account(let name) = account else {
            return Session(
                id: id, account: "guest-\(id)", policy: configuration.loginPolicy, channel: channel,
                admission: admission)
        }
        return Session(
            id: id, account: name, policy: configuration.loginPolicy, channel: channel, admission: admission)
    }

    /// A session of an OpenIM user.
    func makeSession(
        of login: OpenIMLogin, _ rule: OpenIMLoginRule, channel: any Channel,
        admission: EventLoopPromise<Void>? = nil
    ) -> Session {
        Session(
            id: sessionIDs.next(), account: rule.account, user: login.user, platform: login.platform,
            token: login.token, policy: rule.policy, reportsRegistration: true, channel: channel, admission: admission)
    }

    // MARK: Connections

    /// A connection was accepted; it must send a request in time.
    func connectionOpened(_ channel: any Channel) {
        openCount += 1
        counters.connectionsAccepted.add(1)
        expectRequest(on: channel)
    }

    func connectionClosed(_ channel: any Channel) {
        openCount -= 1
        counters.connectionsClosed.add(1)
        deadlines[ObjectIdentifier(channel)] = nil
        if openCount == 0 {
            drained?.succeed()
            drained = nil
        }
    }

    func add(_ connection: any ServedConnection) {
        connection.indexInLoop = connections.count
        connections.append(connection)
    }

    func remove(_ connection: any ServedConnection) {
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.indexInLoop] = last
            last.indexInLoop = connection.indexInLoop
        }
    }

    // MARK: Deadlines

    func expectRequest(on channel: any Channel) {
        setDeadline(on: channel, after: configuration.handshakeTimeout, isHandshake: true)
    }

    /// The request has come and is answered after `delay`; the deadline moves as far.
    func expectUpgrade(of channel: any Channel, after delay: Duration) {
        setDeadline(on: channel, after: delay + configuration.handshakeTimeout, isHandshake: true)
    }

    /// The peer must answer our close frame, or end the connection, in time.
    func expectClose(of channel: any Channel) {
        setDeadline(on: channel, after: configuration.closeTimeout, isHandshake: false)
    }

    /// The peer must read what was written to it in time.
    func expectWrite(on channel: any Channel) {
        setDeadline(on: channel, after: configuration.writeTimeout, isHandshake: false)
    }

    /// The request is whole, but its answer waits for the registry, however long that takes.
    func awaitAdmission(of channel: any Channel) {
        deadlines[ObjectIdentifier(channel)] = Deadline(channel: channel, time: .distantFuture, isHandshake: true)
    }

    func clearDeadline(of channel: any Channel) {
        deadlines[ObjectIdentifier(channel)] = nil
    }

    private func setDeadline(on channel: any Channel, after time: Duration, isHandshake: Bool) {
        deadlines[ObjectIdentifier(channel)] = Deadline(
            channel: channel, time: .now() + .nanoseconds(time.wholeNanoseconds), isHandshake: isHandshake)
    }

    /// Closes the connections whose time is over.
    func closeOverdue() {
        messageCalls?.closeIdle()
        let now = NIODeadline.now()
        openIM?.checkTime(now)
        let overdue = deadlines.values.filter { $0.time <= now }
        for deadline in overdue {
            if deadline.isHandshake {
                counters.handshakeTimeouts.add(1)
            }
            deadline.channel.close(promise: nil)
        }
    }

    // MARK: Shutdown

    /// Asks every connection to end, and closes those that were not upgraded.
    ///
    /// `drained` succeeds when none is left.
    func drain(_ drained: EventLoopPromise<Void>) {
        isDraining = true
        guard openCount > 0 else {
            drained.succeed()
            return
        }
        self.drained = drained
        for connection in connections {
            connection.goAway()
        }
        for deadline in Array(deadlines.values) where deadline.isHandshake {
            deadline.channel.close(promise: nil)
        }
    }

    /// Closes every connection at once, without a closing handshake.
    func cut() {
        for connection in connections {
            connection.cut()
        }
        for deadline in Array(deadlines.values) {
            deadline.channel.close(promise: nil)
        }
    }
}
