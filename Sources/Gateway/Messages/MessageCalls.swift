internal import NIOCore
internal import NIOPosix

/// One event loop's calls of the message service, over a pool of connections that grows with the calls in flight.
///
/// Loop-bound. A connection carries one call at a time and is kept a second when idle; calls without a connection wait in
/// order, a new connection being dialled for each. A call has no deadline: whoever does not answer is waited for.
final class MessageCalls {
    /// One call, until its answer.
    struct Call {
        let id: UInt64
        let caller: any MessageCaller
        /// The caller's own.
        let number: Int
        fileprivate var payload: ByteBuffer
    }

    private static let idleTime = TimeAmount.seconds(1)

    private let counters: MessageCallCounters
    /// Where this gateway takes pushes; said on each new connection.
    var pushAddress = ""
    private let eventLoop: any EventLoop
    private let service: SocketAddress
    private let loopIndex: UInt64
    private let loopCount: UInt64
    private var calls: [UInt64: Call] = [:]
    private var waiting = CircularBuffer<UInt64>()
    /// The longest idle first.
    private var idle: [(connection: MessageCallConnection, since: NIODeadline)] = []
    /// Connections on their way; never fewer than calls that wait.
    private var dialling = 0
    private var lastCall: UInt64 = 0

    init(
        to service: SocketAddress, on eventLoop: any EventLoop, loopIndex: Int, loopCount: Int,
        counters: MessageCallCounters
    ) {
        self.counters = counters
        self.service = service
        self.eventLoop = eventLoop
        self.loopIndex = UInt64(loopIndex)
        self.loopCount = UInt64(loopCount)
    }

    /// Which of the loops made a call.
    static func loopIndex(ofCall id: UInt64, loopCount: Int) -> Int {
        Int(id % UInt64(loopCount))
    }

    /// The caller is told the answer, or that there is none, later.
    func call(_ payload: ByteBuffer, number: Int, of caller: any MessageCaller) {
        lastCall += 1
        let id = lastCall * loopCount + loopIndex
        calls[id] = Call(id: id, caller: caller, number: number, payload: payload)
        counters.started.add(1)
        if let free = idle.popLast() {
            send(id, over: free.connection)
        } else {
            waiting.append(id)
            if dialling < waiting.count { dial() }
        }
    }

    /// A push has brought the reply to a call.
    func takePush(call id: UInt64, payload: ByteBuffer) {
        finish(id) { $0.caller.takeReply(to: $0.number, payload) }
    }

    // MARK: Connections

    private func dial() {
        dialling += 1
        ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MessageCallConnection())
                }
            }
            .connect(to: service)
            .assumeIsolated()
            .whenComplete { result in
                self.dialling -= 1
                switch result {
                case .success(let channel): self.connected(channel)
                case .failure(let error): self.failOldest("\(error)")
                }
            }
    }

    private func connected(_ channel: any Channel) {
        guard let connection = try? channel.pipeline.syncOperations.handler(type: MessageCallConnection.self),
            connection.open(calls: self, pushAddress: pushAddress)
        else {
            failOldest("the connection ended at once")
            return
        }
        counters.connections.add(1)
        becameFree(connection)
    }

    private func becameFree(_ connection: MessageCallConnection) {
        if let id = waiting.popFirst() {
            send(id, over: connection)
        } else {
            idle.append((connection, .now()))
        }
    }

    private func send(_ id: UInt64, over connection: MessageCallConnection) {
        guard let call = calls[id] else { return becameFree(connection) }
        connection.send(
            .request(
                session: call.caller.sessionID, call: id, account: call.caller.account, payload: call.payload),
            call: id)
        calls[id]?.payload = ByteBuffer()
    }

    /// The service has answered the request that this connection carried.
    func take(_ answer: MessageFrame, to id: UInt64, over connection: MessageCallConnection) {
        switch answer {
        case .reply(let payload):
            // First, since the caller may go on with its next call at once, which would dial.
            becameFree(connection)
            finish(id) { $0.caller.takeReply(to: $0.number, payload) }
        case .failed(let reason):
            becameFree(connection)
            fail(id, reason)
        // The push itself ends the call, and may have come before.
        case .pushed: becameFree(connection)
        case .hello, .request, .push, .order, .done:
            fail(id, "the message service does not keep to the protocol")
            connection.close()
        }
    }

    /// - Parameter id: the call that it carried; nil: it was idle.
    func connectionEnded(_ connection: MessageCallConnection, carrying id: UInt64?) {
        counters.connections.add(-1)
        if let id {
            fail(id, "the message service ended the connection")
        } else if let index = idle.firstIndex(where: { $0.connection === connection }) {
            idle.remove(at: index)
        }
    }

    /// Ends connections that nobody has needed for a while.
    func closeIdle() {
        let now = NIODeadline.now()
        while let longest = idle.first, now - longest.since >= Self.idleTime {
            idle.removeFirst()
            longest.connection.close()
        }
    }

    // MARK: Ends of calls

    private func failOldest(_ reason: String) {
        guard let id = waiting.popFirst() else { return }
        fail(id, reason)
    }

    private func fail(_ id: UInt64, _ reason: String) {
        finish(id) { call in
            counters.countFailure(reason)
            call.caller.callFailed(call.number)
        }
    }

    private func finish(_ id: UInt64, _ tell: (Call) -> Void) {
        guard let call = calls.removeValue(forKey: id) else { return }
        counters.finished.add(1)
        tell(call)
    }
}
