/// Follows the connection through the steps: branches leave it alike, so at each step it is known whether there is one.
struct ConnectionFlow {
    private enum State {
        case offline, online
        /// Open, and nothing is read from it any more.
        case unread

        /// For messages.
        var name: String {
            switch self {
            case .offline: "offline"
            case .online: "online"
            case .unread: "online without reading"
            }
        }
    }

    private var state = State.offline
    private(set) var faults: [(value: DocumentValue, message: String, hint: String?)] = []
    private var reported: Set<String> = []

    /// What cannot work in these steps.
    ///
    /// Steps whose kind is unknown end the search: anything may follow them.
    static func faults(in steps: [PlacedStep], of value: DocumentValue) -> [(
        value: DocumentValue, message: String, hint: String?
    )] {
        var flow = ConnectionFlow()
        guard flow.follow(steps) else { return flow.faults }
        if !steps.containsStep(where: { $0.key == .connect }) {
            flow.add(value, "no step connects", "begin with connect")
        } else if flow.state != .offline, let last = steps.last {
            flow.add(last.value, "the steps end with the connection open", "end them with close, abort or abandon")
        }
        return flow.faults
    }

    /// False when a step is unknown.
    private mutating func follow(_ steps: [PlacedStep]) -> Bool {
        for step in steps {
            switch step.key {
            case nil:
                return false
            case .connect:
                if state != .offline {
                    add(step.value, "connects while the connection is open", "close or abort it first")
                }
                state = .online
            case .send:
                require(step)
            case .receive, .ping, .newestSequence, .pull, .background, .subscribe:
                requireReading(step)
            case .stopReading:
                requireReading(step)
                state = .unread
            case .takeover:
                require(step)
                state = .online
            case .logout:
                requireReading(step)
                state = .offline
            case .close, .abort, .abandon:
                require(step)
                state = .offline
            case .wait:
                break
            case .repeat:
                let before = state
                guard follow(step.inner) else { return false }
                // Later rounds begin as the first one ended.
                if step.times > 1, state != before, !follow(step.inner) { return false }
            case .choose:
                guard follow(step.branches, each: "branch", all: "branches") else { return false }
            case .roles:
                guard follow(step.branches, each: "role", all: "roles") else { return false }
            }
        }
        return true
    }

    /// Every branch begins where the step stands; all must end alike.
    private mutating func follow(_ branches: [PlacedBranch], each: String, all: String) -> Bool {
        let before = state
        var end: State?
        for branch in branches {
            state = before
            guard follow(branch.steps) else { return false }
            if let end, end != state {
                let isAboutReading = end != .offline && state != .offline
                add(
                    branch.value, "this \(each) ends \(state.name), the first one \(end.name)",
                    isAboutReading
                        ? "stop reading in all \(all), or in none" : "end all \(all) online, or all offline")
            }
            end = end ?? state
        }
        state = end ?? before
        return true
    }

    private mutating func require(_ step: PlacedStep) {
        guard state == .offline, let key = step.key else { return }
        add(step.value, "\(key.rawValue) without a connection", "connect before it")
        // Reported once; what follows is judged as if it were connected.
        state = .online
    }

    private mutating func requireReading(_ step: PlacedStep) {
        require(step)
        guard state == .unread, let key = step.key else { return }
        add(
            step.value, "\(key.rawValue) on a connection from which nothing is read any more",
            "end it first, or take it over")
        state = .online
    }

    private mutating func add(_ value: DocumentValue, _ message: String, _ hint: String) {
        guard reported.insert("\(value.path) \(message)").inserted else { return }
        faults.append((value, message, hint))
    }
}
