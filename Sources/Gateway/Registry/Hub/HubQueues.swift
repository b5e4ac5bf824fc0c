/// The three bounded queues that a hub thread reads, and those that wait in line for a place.
struct HubQueues: ~Copyable {
    enum Kind: Sendable {
        case register
        case unregister
        case kick
    }

    private var register: BoundedQueue<HubPut>
    private var unregister: BoundedQueue<HubPut>
    private var kick: BoundedQueue<HubPut>
    private var choice: FairChoice
    private let gauges: QueueGauges
    /// nil: without bound.
    let unregisterCapacity: Int?

    init(defect: RegistryDefect, gauges: QueueGauges) {
        unregisterCapacity = defect.cure == .unboundedUnregister ? nil : defect.queueCapacity
        register = BoundedQueue(capacity: defect.queueCapacity)
        unregister = BoundedQueue(capacity: unregisterCapacity ?? .max)
        kick = BoundedQueue(capacity: defect.queueCapacity)
        choice = FairChoice(seed: defect.seed)
        self.gauges = gauges
    }

    mutating func offer(_ put: HubPut) -> QueueOffer {
        defer { publish() }
        return switch put.item {
        case .register: register.offer(put)
        case .unregister: unregister.offer(put)
        case .check: kick.offer(put)
        }
    }

    /// From one of the queues that hold something, chosen at random as Go's select does.
    ///
    /// - Returns: what was taken and which put got its place; nil: all of them are empty.
    mutating func take(from kinds: [Kind]) -> (first: HubPut, placed: HubPut?)? {
        let ready = kinds.filter { count(of: $0) > 0 }
        guard let only = ready.first else { return nil }
        defer { publish() }
        // Nothing is drawn where there is no choice, so that a seed's draws depend as little as can be on the timing.
        return switch ready.count == 1 ? only : ready[choice.next(below: ready.count)] {
        case .register: register.take()
        case .unregister: unregister.take()
        case .kick: kick.take()
        }
    }

    func count(of kind: Kind) -> Int {
        switch kind {
        case .register: register.count
        case .unregister: unregister.count
        case .kick: kick.count
        }
    }

    /// Calls `body` for those in the queue's line, first to last.
    func forEachWaiting(for kind: Kind, _ body: (HubPut) -> Void) {
        switch kind {
        case .register: register.forEachWaiting(body)
        case .unregister: unregister.forEachWaiting(body)
        case .kick: kick.forEachWaiting(body)
        }
    }

    private func publish() {
        gauges.registerGauge.publish(register)
        gauges.unregisterGauge.publish(unregister)
        gauges.kickGauge.publish(kick)
    }
}

/// Something put into a queue, or in line to be.
struct HubPut {
    enum Item {
        case register(HubClient)
        case unregister(HubClient)
        /// `taken` is to be called once it has a place.
        case check(LoginCheck, taken: @Sendable () -> Void)
    }

    let item: Item
    /// The connection that puts, or is closed by who puts; nil for a login check.
    let session: Session?
    /// The thread that waits for the place; nil: a task does.
    let thread: HubThread?
    let since: MonotonicTime

    init(_ item: Item, of session: Session?, by thread: HubThread? = nil) {
        self.item = item
        self.session = session
        self.thread = thread
        since = .now
    }
}

/// A repeatable random choice (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
struct FairChoice {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next(below count: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        word ^= word >> 31
        return Int(word.multipliedFullWidth(by: UInt64(count)).high)
    }
}
