internal import CLinux
internal import Glibc

/// How much a loop has waited since it was made.
package struct LoopStatistics: Equatable, Sendable {
    /// Calls of the kernel's wait.
    package var waits: UInt64 = 0
    /// Events the kernel reported.
    package var events: UInt64 = 0
    /// Time inside waits that were allowed to sleep, in nanoseconds.
    ///
    /// The rest of the wall time the loop was busy, or runnable without a processor.
    package var asleepNs: Int64 = 0
}

/// Connections of one thread, without callbacks: submit `connect`, `send`, `close`; then `wait`, and take what was
/// completed with `next` until it returns nil.
///
/// Everything may be called between two `next`.
///
/// ```
/// loop.wait(untilNs: deadline)
/// while let completion = loop.next() { … }
/// ```
///
/// In one turn each connection receives at most once. After `failed` or `close` nothing more is told of a connection, not even
/// what the kernel has reported already. A loop belongs to the thread that made it.
package final class EventLoop {
    /// What changes with every call.
    ///
    /// Behind a pointer, because stored properties of classes pay for exclusivity checks.
    struct State {
        var nowNs: Int64 = 0
        var receivedCount = 0
        /// Plain text in the receive buffer that the connection with `Ready.decrypted` has not delivered yet.
        var decryptedCount = 0
        var statistics = LoopStatistics()
        var outputQueues = OutputQueuePool()
    }

    let table: ConnectionTable
    let epoll: Epoll
    let state: UnsafeMutablePointer<State>
    /// Plain text; has room for all that one receive of cipher text can turn into.
    let receiveBuffer: MappedMemory<UInt8>
    /// Under TLS, what the socket gave.
    let cipherBuffer: MappedMemory<UInt8>
    /// The most that is taken from a socket at once.
    let receiveCapacity: Int
    let channel: UnsafeMutablePointer<TLSChannel>

    /// What OpenSSL says about the last `tlsCertificate`, `tlsHandshake` or `tlsProtocol` failure, in words.
    package internal(set) var tlsDetail = ""

    /// - Parameter maxConnections: connections and watches at once; those not in use cost address space only.
    /// - Parameter receiveBufferBytes: the most that one `received` delivers, a TLS record more under TLS.
    package init(maxConnections: Int, receiveBufferBytes: Int = 65536) throws(ReactorError) {
        epoll = try Epoll()
        table = ConnectionTable(capacity: maxConnections)
        receiveCapacity = max(receiveBufferBytes, 1)
        receiveBuffer = MappedMemory(capacity: receiveCapacity + TLSSession.maximumBufferedBytes)
        cipherBuffer = MappedMemory(capacity: receiveCapacity)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        channel = .allocate(capacity: 1)
        channel.initialize(to: TLSChannel())
        refreshNow()
    }

    deinit {
        for index in table.usedSlots where table.slot(index).pointee.state != .free {
            release(index)
        }
        state.pointee.outputQueues.deallocate()
        state.deallocate()
        channel.pointee.deallocate()
        channel.deallocate()
    }

    /// CLOCK_MONOTONIC in nanoseconds, as of the last `wait` or `refreshNow`.
    package var nowNs: Int64 { state.pointee.nowNs }

    /// Reads the clock again.
    @discardableResult
    package func refreshNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        state.pointee.nowNs = now
        return now
    }

    /// Connections in any state that are neither closed nor failed.
    package var openConnections: Int { table.connections }

    package var statistics: LoopStatistics { state.pointee.statistics }

    /// The bytes of the `received` completion that `next` has just returned; valid until the next `next` or `wait`.
    package var received: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: receiveBuffer.base, count: state.pointee.receivedCount)
    }

    /// Waits until something is completed, `untilNs` (CLOCK_MONOTONIC) has come, or a signal was handled; for ever if
    /// nil.
    ///
    /// May return early without completions.
    package func wait(untilNs deadline: Int64?) {
        let count: Int
        state.pointee.statistics.waits += 1
        if table.isQuiet {
            let before = refreshNow()
            let timeout = deadline.map { $0 > before ? $0 - before : 0 }
            count = epoll.wait(timeoutNs: timeout)
            let after = refreshNow()
            if timeout != 0 { state.pointee.statistics.asleepNs += after - before }
        } else {
            count = epoll.wait(timeoutNs: 0)
            refreshNow()
        }
        state.pointee.statistics.events += UInt64(count)
        table.beginTurn()
        for position in 0..<count {
            note(epoll.events[position])
        }
    }

    /// The next completion of this turn; nil when the turn is over and it is time to `wait`.
    package func next() -> Completion? {
        state.pointee.receivedCount = 0
        while let index = table.popCurrent() {
            let completion =
                switch table.slot(index).pointee.state {
                case .connecting: completeConnect(index)
                case .securing: advanceHandshake(index)
                case .open: advance(index)
                case .watched: Completion(.readable, table.id(index), owner: table.slot(index).pointee.owner)
                case .free: nil as Completion?
                }
            if let completion { return completion }
        }
        return nil
    }

    /// Stores what the kernel says about a connection, and queues it if there is something to do.
    private func note(_ event: epoll_event) {
        let id = ConnectionID(packed: event.data.u64)
        // Closed in the meantime, but its description lives on in a child that has not called exec yet.
        guard let slot = table.find(id) else { return }
        let bits = event.events
        var ready = slot.pointee.ready
        if bits & EPOLLIN.rawValue != 0 { ready.insert(.readable) }
        if bits & EPOLLOUT.rawValue != 0 { ready.insert(.writable) }
        if bits & EPOLLRDHUP.rawValue != 0 { ready.insert(.finished) }
        if bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready.insert(.broken) }
        if bits & EPOLLPRI.rawValue != 0 { slot.pointee.flags.insert(.urgent) }
        slot.pointee.ready = ready
        var wanted: ConnectionSlot.Ready = .input
        if slot.pointee.state == .connecting || slot.pointee.output != nil { wanted.insert(.writable) }
        if !ready.isDisjoint(with: wanted) { table.link(id.slot, to: ConnectionTable.current) }
    }
}
