/// What an account remembers of its OpenIM session.
struct OpenIMAccount: BitwiseCopyable {
    /// Requests sent in the run, messages among them; the number of the latest one, which is its `msgIncr`.
    var requests: UInt32 = 0
    /// The request whose answer the present step waits for; 0: none.
    var awaitedRequest: UInt32 = 0
    /// Unanswered messages of this connection beyond those that are timed.
    var untimedSends: UInt32 = 0
    /// What came before its `receive`.
    var early = EarlyMessages()
    /// The server must first say whether it accepts the login.
    var awaitsFirstResponse = false
    /// The server has said that a newer login takes this one's place.
    var isKicked = false

    /// The connection is gone; the numbers of requests go on.
    mutating func forgetConnection() {
        let requests = self.requests
        self = OpenIMAccount()
        self.requests = requests
    }
}

/// How many messages of each sort came before a `receive` asked for them. They are timed as they come, so that nothing else needs to be kept.
struct EarlyMessages: BitwiseCopyable {
    enum Sort {
        /// The answer to a message.
        case answer
        /// A push of the account's own message.
        case ownPush
        case othersPush
    }

    private(set) var answers: UInt32 = 0
    private(set) var ownPushes: UInt32 = 0
    private(set) var othersPushes: UInt32 = 0

    var count: Int { Int(answers) + Int(ownPushes) + Int(othersPushes) }

    mutating func add(_ sort: Sort) {
        switch sort {
        case .answer: answers &+= 1
        case .ownPush: ownPushes &+= 1
        case .othersPush: othersPushes &+= 1
        }
    }

    /// Takes up to `wanted` messages of a sort; returns how many there were.
    mutating func take(_ sort: Sort, atMost wanted: UInt32) -> UInt32 {
        switch sort {
        case .answer: Self.take(&answers, wanted)
        case .ownPush: Self.take(&ownPushes, wanted)
        case .othersPush: Self.take(&othersPushes, wanted)
        }
    }

    private static func take(_ count: inout UInt32, _ wanted: UInt32) -> UInt32 {
        let taken = min(count, wanted)
        count -= taken
        return taken
    }
}
