internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Tells the other gateways of the stack of each login, and waits for none of them.
///
/// Whoever announces posts to an event loop, whose task list has no bound.
final class PeerAnnouncements: Sendable {
    private let eventLoop: any EventLoop
    private let links: NIOLoopBoundBox<[PeerLink]>
    private let hasPeers = Atomic<Bool>(false)

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        links = .makeBoxSendingValue([], eventLoop: eventLoop)
    }

    func setPeers(_ addresses: [PeerAddress]) {
        hasPeers.store(!addresses.isEmpty, ordering: .relaxed)
        eventLoop.execute {
            self.links.value.forEach { $0.close() }
            self.links.value = addresses.map { PeerLink($0, eventLoop: self.eventLoop) }
        }
    }

    func announce(_ login: LoginCheck) {
        guard hasPeers.load(ordering: .relaxed) else { return }
        eventLoop.execute {
            let request = PeerFrame.request(login)
            self.links.value.forEach { $0.send(request) }
        }
    }
}

/// A connection to one other gateway, made when there is something to say; bound to its event loop.
private final class PeerLink {
    private enum State {
        case idle
        case connecting(pending: [ByteBuffer])
        case connected(any Channel)
        case closed
    }

    private let address: PeerAddress
    private let eventLoop: any EventLoop
    private var state = State.idle

    init(_ address: PeerAddress, eventLoop: any EventLoop) {
        self.address = address
        self.eventLoop = eventLoop
    }

    /// What cannot be sent is lost: that gateway is gone, and its sessions with it.
    func send(_ request: ByteBuffer) {
        switch state {
        case .idle:
            state = .connecting(pending: [request])
            connect()
        case .connecting(let pending):
            state = .connecting(pending: pending + [request])
        case .connected(let channel):
            channel.writeAndFlush(request, promise: nil)
        case .closed:
            break
        }
    }

    func close() {
        if case .connected(let channel) = state {
            channel.close(promise: nil)
        }
        state = .closed
    }

    private func connect() {
        ClientBootstrap(group: eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(to: address.socketAddress)
            .assumeIsolated()
            .whenComplete { result in
                switch (result, self.state) {
                case (.success(let channel), .connecting(let pending)):
                    self.state = .connected(channel)
                    channel.closeFuture.assumeIsolated().whenComplete { _ in self.lost(channel) }
                    for request in pending {
                        channel.write(request, promise: nil)
                    }
                    channel.flush()
                case (.success(let channel), _):
                    channel.close(promise: nil)
                case (.failure, .connecting):
                    self.state = .idle
                case (.failure, _):
                    break
                }
            }
    }

    private func lost(_ channel: any Channel) {
        if case .connected(let current) = state, current === channel {
            state = .idle
        }
    }
}
