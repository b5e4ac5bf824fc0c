/// Who waits for what inside a gateway, as `/debug/queues` answers it.
///
/// Identifiers begin with the gateway's name, so that the reports of a stack's gateways can be joined: an actor waits
/// for a resource, which other actors free.
struct WaitReport: Equatable, Sendable {
    /// Something that can be waited for: a queue's place, a lock, another gateway's answer.
    struct Resource: Equatable, Sendable {
        var id: String
        var what: String
        /// nil: not counted, or without bound.
        var capacity: Int?
        var used: Int?
        /// How many wait for it.
        var waiting: Int?
        /// Identifiers of the actors that alone can end the wait.
        var freedBy: [String]
    }

    /// A thread, a connection's task, or `count` tasks that do the same.
    struct Actor: Equatable, Sendable {
        var id: String
        var what: String
        /// The thread, as /proc/PID/task names it.
        var threadID: Int?
        var count = 1
        var doing: String
        /// Identifier of a resource; nil: it does not wait.
        var waitsFor: String?
        /// Of a group: the longest wait.
        var waitingMilliseconds: Int?
    }

    let gateway: String
    var resources: [Resource] = []
    var actors: [Actor] = []

    init(gateway: String) {
        self.gateway = gateway
    }

    /// The identifier of a part of this gateway.
    func id(_ part: String) -> String {
        "\(gateway)/\(part)"
    }
}

// MARK: Groups

extension WaitReport {
    /// Tasks that hold no thread and wait in line for a place in a queue.
    enum Group {
        case handshakes
        /// Readers whose write locks nobody else waits for.
        case closingReaders
        /// Ended connections, without a write lock.
        case endedConnections
        case loginChecks
    }

    mutating func add(_ group: Group, count: Int, milliseconds: Int? = nil) {
        guard count > 0 else { return }
        let (part, what, doing, queue) =
            switch group {
            case .handshakes: ("handshakes", "new connections", "asking to be registered", "register")
            case .closingReaders:
                ("readers", "connection readers", "closing (each holds its write lock)", "unregister")
            case .endedConnections: ("readers", "ended connections", "asking to be deregistered", "unregister")
            case .loginChecks: ("login-checks", "login checks", "asking for kicks, for other gateways", "kick")
            }
        actors.append(
            Actor(
                id: id(part), what: what, count: count, doing: doing, waitsFor: id("queue:\(queue)"),
                waitingMilliseconds: milliseconds))
    }
}

// MARK: JSON

extension WaitReport {
    /// One document (RFC 8259).
    func json(processID: Int32) -> String {
        var text = "{\"gateway\":"
        text.appendJSON(gateway)
        text += ",\"pid\":\(processID),\"resources\":["
        for (index, resource) in resources.enumerated() {
            if index > 0 { text += "," }
            text.append(resource)
        }
        text += "],\"actors\":["
        for (index, actor) in actors.enumerated() {
            if index > 0 { text += "," }
            text.append(actor)
        }
        return text + "]}\n"
    }
}

extension String {
    fileprivate mutating func append(_ resource: WaitReport.Resource) {
        self += "{\"id\":"
        appendJSON(resource.id)
        appendMember("what", resource.what)
        appendMember("capacity", resource.capacity)
        appendMember("used", resource.used)
        appendMember("waiting", resource.waiting)
        self += ",\"freed_by\":["
        for (index, id) in resource.freedBy.enumerated() {
            if index > 0 { self += "," }
            appendJSON(id)
        }
        self += "]}"
    }

    fileprivate mutating func append(_ actor: WaitReport.Actor) {
        self += "{\"id\":"
        appendJSON(actor.id)
        appendMember("what", actor.what)
        appendMember("tid", actor.threadID)
        appendMember("count", actor.count)
        appendMember("doing", actor.doing)
        appendMember("waits_for", actor.waitsFor)
        appendMember("waiting_ms", actor.waitingMilliseconds)
        self += "}"
    }

    private mutating func appendMember(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        self += ",\"\(key)\":"
        appendJSON(value)
    }

    private mutating func appendMember(_ key: StaticString, _ value: Int?) {
        guard let value else { return }
        self += ",\"\(key)\":\(value)"
    }
}
