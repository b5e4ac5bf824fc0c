/// Logging in again without closing: the connection is left as by `abandon`, and a new one made as by `connect`.
package struct Takeover: Codable, Equatable, Sendable {
    package var abandon: Abandon
    package var connect: Connect

    package init(abandon: Abandon = Abandon(), connect: Connect = Connect()) {
        self.abandon = abandon
        self.connect = connect
    }
}
