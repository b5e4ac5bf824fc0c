/// Follows the connection through the steps: branches leave it alike, so at each step it is known whether there is one.
struct ConnectionFlow {
    private var isConnected = false
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
        } else if flow.isConnected, let last = steps.last {
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
                if isConnected { add(step.value, "connects while the connection is open", "close or abort it first") }
                isConnected = true
            case .send, .receive, .ping:
                require(step)
            case .close, .abort, .abandon:
                require(step)
                isConnected = false
            case .wait:
                break
            case .repeat:
                let wasConnected = isConnected
                guard follow(step.inner) else { return false }
                // Later rounds begin as the first one ended.
                if step.times > 1, isConnected != wasConnected, !follow(step.inner) { return false }
            case .choose:
                guard follow(step.branches) else { return false }
            }
        }
        return true
    }

    /// Every branch begins where the step stands; all must end alike.
    private mutating func follow(_ branches: [PlacedBranch]) -> Bool {
        let wasConnected = isConnected
        var ends: Bool?
        for branch in branches {
            isConnected = wasConnected
            guard follow(branch.steps) else { return false }
            if let ends, ends != isConnected {
                let (first, this) = ends ? ("online", "offline") : ("offline", "online")
                add(
                    branch.value, "this branch ends \(this), the first one \(first)",
                    "end all branches online, or all offline")
            }
            ends = ends ?? isConnected
        }
        isConnected = ends ?? wasConnected
        return true
    }

    private mutating func require(_ step: PlacedStep) {
        guard !isConnected, let key = step.key else { return }
        add(step.value, "\(key.rawValue) without a connection", "connect before it")
        // Reported once; what follows is judged as if it were connected.
        isConnected = true
    }

    private mutating func add(_ value: DocumentValue, _ message: String, _ hint: String) {
        guard reported.insert("\(value.path) \(message)").inserted else { return }
        faults.append((value, message, hint))
    }
}
