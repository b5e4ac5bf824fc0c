/// The one line that a process of the bundled stack writes to standard output once it listens.
///
/// `{"event":"listening","role":"gateway","address":"127.0.0.1:41234","api":"127.0.0.1:41235",
/// "internal":"127.0.0.1:41236","pid":123}`
package struct ReadyLine: Codable, Equatable, Sendable {
    package enum Role: String, CaseIterable, Codable, Sendable {
        case gateway
        case messages
        case proxy
    }

    /// Always `listening`.
    package var event: String
    package var role: Role
    /// Where connections are accepted; IPv6 in brackets.
    package var address: String
    /// Where `/healthz` and `/metrics` are answered by their own thread.
    package var api: String
    /// Where the other gateways of the stack ask for login checks; one line `{"peers":["HOST:PORT",…]}` on a child's
    /// standard input tells it theirs. Of a gateway alone.
    package var `internal`: String?
    /// Where OpenIM's REST API is. Of a message service that is OpenIM's.
    package var rest: String?
    package var pid: Int32

    package init(
        role: Role = .gateway, address: String, api: String, internal: String? = nil, rest: String? = nil, pid: Int32
    ) {
        self.event = "listening"
        self.role = role
        self.address = address
        self.api = api
        self.internal = `internal`
        self.rest = rest
        self.pid = pid
    }

    /// JSON without the line's end.
    package var text: String {
        // Addresses are digits, letters, dots, colons and brackets: nothing to escape.
        "{\"event\":\"\(event)\",\"role\":\"\(role.rawValue)\",\"address\":\"\(address)\",\"api\":\"\(api)\","
            + (`internal`.map { "\"internal\":\"\($0)\"," } ?? "") + (rest.map { "\"rest\":\"\($0)\"," } ?? "")
            + "\"pid\":\(pid)}"
    }
}
