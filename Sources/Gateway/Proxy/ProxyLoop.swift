internal import Glibc
internal import NIOCore
internal import NIOWebSocket

/// What one event loop of the proxy keeps: its clients and the deadlines that some connections have.
///
/// Loop-bound.
final class ProxyLoop {
    let configuration: ProxyConfiguration
    let counters: ProxyLoopCounters
    private let upstreams: UpstreamDialer
    private var maskKeys = SplitMix64(seed: .random(in: 0...UInt64.max))
    /// Upgraded clients.
    private var clients: [ObjectIdentifier: Client] = [:]
    private var deadlines: [ObjectIdentifier: Deadline] = [:]
    private var openCount = 0
    private(set) var isDraining = false
    private var drained: EventLoopPromise<Void>?

    private struct Client {
        var side: RelaySide
        /// Its gateway's connection, from the dial's success on.
        var upstream: (any Channel)?
    }

    private struct Deadline {
        enum Kind {
            case request
            case upstream
            case close
        }

        var channel: any Channel
        var time: NIODeadline
        var kind: Kind
    }

    init(_ configuration: ProxyConfiguration, upstreams: UpstreamDialer, counters: ProxyLoopCounters) {
        self.configuration = configuration
        self.upstreams = upstreams
        self.counters = counters
    }

    func nextMaskKey() -> WebSocketMaskingKey {
        .random(using: &maskKeys)
    }

    // MARK: Clients

    /// A client's connection was accepted; it must send a request in time.
    func connectionOpened(_ channel: any Channel) {
        openCount += 1
        counters.connectionsAccepted.add(1)
        setDeadline(.request, on: channel, after: configuration.handshakeTimeout)
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

    /// A client has got its 101: its gateway is dialled with the same path and query.
    func upgraded(_ side: RelaySide, _ channel: any Channel, account: AccountQuery, target: String) {
        counters.handshakes.add(1)
        counters.upstreamsDialled.add(1)
        clients[ObjectIdentifier(side)] = Client(side: side)
        setDeadline(.upstream, on: channel, after: configuration.upstreamTimeout)
        upstreams.dial(for: side, of: account, target: target, on: self, channel.eventLoop)
    }

    func upstreamOpened(_ upstream: any Channel, for client: RelaySide) {
        guard clients[ObjectIdentifier(client)] != nil else { return reset(upstream) }
        clients[ObjectIdentifier(client)]?.upstream = upstream
    }

    /// The gateway has answered 101.
    func upstreamUpgraded(_ upstream: RelaySide, for client: RelaySide) {
        counters.upstreamsConnected.add(1)
        guard client.join(upstream), let channel = client.context?.channel else { return upstream.reset() }
        deadlines[ObjectIdentifier(channel)] = nil
        clients[ObjectIdentifier(client)]?.upstream = nil
    }

    /// Refused, reset or ended before the upgrade.
    func upstreamFailed(for client: RelaySide) {
        guard clients[ObjectIdentifier(client)] != nil else { return }
        counters.upstreamsFailed.add(1)
        client.reset()
    }

    /// A side's channel is gone.
    func sideEnded(_ side: RelaySide) {
        switch side.peer {
        case .upstream:
            counters.upstreamsClosed.add(1)
        case .client:
            if let upstream = clients.removeValue(forKey: ObjectIdentifier(side))?.upstream {
                reset(upstream)
            }
        }
    }

    /// Closes with RST instead of FIN (socket(7), SO_LINGER of 0 s).
    func reset(_ channel: any Channel) {
        counters.resets.add(1)
        (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    // MARK: Deadlines

    /// The peer must end the connection in time.
    func expectClose(of channel: any Channel) {
        setDeadline(.close, on: channel, after: configuration.closeTimeout)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.deadlines[ObjectIdentifier(channel)] = nil
        }
    }

    private func setDeadline(_ kind: Deadline.Kind, on channel: any Channel, after time: Duration) {
        deadlines[ObjectIdentifier(channel)] = Deadline(
            channel: channel, time: .now() + .nanoseconds(time.wholeNanoseconds), kind: kind)
    }

    /// Ends the connections whose time is over.
    func closeOverdue() {
        let now = NIODeadline.now()
        for deadline in deadlines.values.filter({ $0.time <= now }) {
            deadlines[ObjectIdentifier(deadline.channel)] = nil
            switch deadline.kind {
            case .request:
                counters.handshakeTimeouts.add(1)
                deadline.channel.close(promise: nil)
            case .upstream:
                counters.upstreamsFailed.add(1)
                reset(deadline.channel)
            case .close:
                deadline.channel.close(promise: nil)
            }
        }
    }

    // MARK: Shutdown

    /// Asks every client to close, or resets it where closes are not relayed; `drained` succeeds when none is left.
    func drain(_ drained: EventLoopPromise<Void>) {
        isDraining = true
        guard openCount > 0 else {
            drained.succeed()
            return
        }
        self.drained = drained
        for deadline in deadlines.values.filter({ $0.kind == .request }) {
            deadline.channel.close(promise: nil)
        }
        for client in Array(clients.values) {
            if configuration.relaysClose {
                client.side.goAway()
            } else {
                client.side.reset()
            }
        }
    }

    /// Resets every connection.
    func cut() {
        for client in Array(clients.values) {
            client.side.reset()
        }
        for deadline in Array(deadlines.values) {
            deadline.channel.close(promise: nil)
        }
    }
}
