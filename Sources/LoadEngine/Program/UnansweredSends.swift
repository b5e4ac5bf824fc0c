internal import LoadPlan

/// How many messages of one iteration can be unanswered at once: an upper bound, cut at a limit.
struct UnansweredSends {
    private(set) var most = 0
    private var now = 0
    private let limit: Int
    private let dialect: Dialect

    init(in steps: [Step], dialect: Dialect, limit: Int) {
        self.limit = limit
        self.dialect = dialect
        follow(steps)
    }

    private mutating func follow(_ steps: [Step]) {
        for step in steps {
            switch step {
            case .send: now = min(now + 1, limit)
            case .receive(let receive): if answers(receive) { now = max(0, now - receive.count) }
            case .repeat(let times, let inner): follow(inner, times: times)
            case .choose(let choices): follow(choices.map(\.steps))
            case .roles(let roles): follow(roles.map(\.steps))
            case .connect, .wait, .ping, .close, .abort, .abandon, .stopReading, .takeover, .request, .logout: break
            }
            most = max(most, now)
        }
    }

    /// Whether each message that it takes is the answer to one; where a server pushes, others may be too.
    private func answers(_ receive: Receive) -> Bool {
        switch receive.match {
        case .ack: true
        case .any: dialect == .plain
        case .equals, .contains: true
        case .push: false
        }
    }

    /// No later round leaves more than the first, for it begins with at least as many unanswered.
    private mutating func follow(_ steps: [Step], times: Int) {
        let mostBefore = most
        let before = now
        most = now
        follow(steps)
        let left = max(now - before, 0)
        let further = min(left * min(max(times - 1, 0), limit), limit)
        now = min(now + further, limit)
        most = max(mostBefore, min(most + further, limit))
    }

    private mutating func follow(_ ways: [[Step]]) {
        let before = now
        var end = ways.isEmpty ? now : 0
        for way in ways {
            now = before
            follow(way)
            end = max(end, now)
        }
        now = end
    }
}
