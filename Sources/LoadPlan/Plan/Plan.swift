/// A checked profile: everything resolved, defaults filled in.
///
/// Shards receive it as JSON.
package struct Plan: Codable, Equatable, Sendable {
    package var name: String
    package var about: String
    package var target: Target
    package var dialect: Dialect
    /// Of the dialect `openim`; nil with any other.
    package var openIM: OpenIMPlan?
    package var accounts: Accounts
    package var load: Load
    package var steps: [Step]
    package var timeouts: Timeouts
    /// An account that stands in one phase at least this long counts as stalled.
    package var stallAfter: Duration
    package var thresholds: [Threshold]
    /// Larger messages from the server end the connection with 1009.
    package var maxMessageBytes: Int
    package var kick: Kick
    package var backOff: BackOff
    /// Of no meaning with another target than the bundled gateway.
    package var gateway: GatewayPlan
    package var watch: WatchPlan

    package init(
        name: String, about: String = "", target: Target = .bundled, dialect: Dialect = .plain,
        openIM: OpenIMPlan? = nil, accounts: Accounts,
        load: Load, steps: [Step], timeouts: Timeouts = Timeouts(), stallAfter: Duration = .seconds(5),
        thresholds: [Threshold] = [], maxMessageBytes: Int = 16 << 20, kick: Kick = Kick(),
        backOff: BackOff = BackOff(),
        gateway: GatewayPlan = GatewayPlan(), watch: WatchPlan = WatchPlan()
    ) {
        self.name = name
        self.about = about
        self.target = target
        self.dialect = dialect
        self.openIM = openIM
        self.accounts = accounts
        self.load = load
        self.steps = steps
        self.timeouts = timeouts
        self.stallAfter = stallAfter
        self.thresholds = thresholds
        self.maxMessageBytes = maxMessageBytes
        self.kick = kick
        self.backOff = backOff
        self.gateway = gateway
        self.watch = watch
    }
}

extension Plan {
    /// Connections that all clients have at once at most: each its own, and those it has abandoned.
    package var connectionsAtMost: Int { accounts.clients * (1 + steps.abandonedAtMost) }
}
