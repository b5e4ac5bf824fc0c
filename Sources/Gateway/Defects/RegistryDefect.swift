/// How the register and unregister queues can come to wait for each other: one loop thread is the only reader of the
/// bounded register, unregister and kick queues, and itself puts into the unregister queue when a login kicks an older
/// one.
///
/// Modelled on OpenIM's message gateway, where the same three queues are Go channels of 1,000 places.
package struct RegistryDefect: Equatable, Sendable {
    package enum Order: String, CaseIterable, Sendable {
        /// As in 3.5.1: a connection's end tests the closed flag before it takes the write lock; registrations and
        /// deregistrations make a backend call each.
        case flagBeforeLock = "A"
        /// As in 3.8: takes the write lock before it tests the flag; only kicks make a backend call.
        case lockBeforeFlag = "B"

        /// - Parameter version: nil: of a gateway that speaks no OpenIM.
        package init(of version: OpenIMVersion?) {
            self =
                switch version {
                case nil, .v3_5_1: .flagBeforeLock
                case .v3_8_3: .lockBeforeFlag
                }
        }
    }

    /// Whether what stands for a connection in the queues and the table of accounts is used again for a later one.
    ///
    /// With it, tidy churn alone freezes the hub. The queues are read in random order, so that under load the end of a
    /// connection often overtakes its registration. The client object is then free and is given to the next handshake
    /// while the registration still stands in the queue; the hub takes that one and registers the later connection
    /// ahead of its turn, and an older registration of the same account, still in the queue, kicks it while it is open.
    package enum Pool: String, CaseIterable, Sendable {
        case on
        case off
    }

    /// Each of them removes the waits within one gateway: that of the hub for itself, and that of the hub and a closing
    /// connection for each other. None removes the wait of two gateways' hubs for each other, `splitLoops` neither: the
    /// thread that asks the other gateways is still the one that takes their requests.
    package enum Cure: String, CaseIterable, Sendable {
        case none
        /// Two consumers: one thread registers and kicks, another deregisters.
        case splitLoops = "split-loops"
        /// The unregister queue has no bound.
        case unboundedUnregister = "unbounded-unregister"
        /// The loop thread hands the ending of a kicked connection to another thread.
        case kickElsewhere = "kick-elsewhere"
    }

    /// When the 101 is answered.
    package enum Handshake: String, CaseIterable, Sendable {
        /// Before the wait for a place in the register queue: handshakes go on succeeding, nobody is admitted.
        case beforeQueue = "before-queue"
        /// Behind it: handshakes hang.
        case behindQueue = "behind-queue"
    }

    package var order = Order.flagBeforeLock
    package var queueCapacity = 1000
    /// Time of the backend call of the loop thread for a registration.
    package var registerTime = Duration.milliseconds(1)
    package var unregisterTime = Duration.milliseconds(1)
    package var kickTime = Duration.zero
    package var pool = Pool.on
    package var cure = Cure.none
    package var handshake = Handshake.beforeQueue
    /// Of the random choice between the queues.
    ///
    /// Under tidy churn the hub freezes when deregistrations have led and then fall behind. How soon they do is a random
    /// walk: three in four of arbitrary seeds do within seconds. This one does at any backend time from 0.3 to 5 ms.
    package var seed = standardSeed
    package static let standardSeed: UInt64 = 132_835

    package init() {}

    /// - Parameter version: decides where `options` name no order.
    init(_ options: inout DefectOptions, of version: OpenIMVersion? = nil) throws(DefectError) {
        order = try options.choice("order", standard: Order(of: version))
        let call = try options.duration("call", standard: .milliseconds(1))
        (registerTime, unregisterTime, kickTime) =
            switch order {
            case .flagBeforeLock: (call, call, .zero)
            case .lockBeforeFlag: (.zero, .zero, call)
            }
        queueCapacity = try options.count("queue", standard: queueCapacity, in: 1...1_000_000)
        registerTime = try options.duration("register", standard: registerTime)
        unregisterTime = try options.duration("unregister", standard: unregisterTime)
        kickTime = try options.duration("kick", standard: kickTime)
        pool = try options.choice("pool", standard: pool)
        cure = try options.choice("cure", standard: cure)
        handshake = try options.choice("handshake", standard: handshake)
        seed = UInt64(try options.count("seed", standard: Int(Self.standardSeed), in: 0...Int.max))
    }
}
