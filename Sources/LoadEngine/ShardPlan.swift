package import LoadPlan

/// What a shard is told on standard input: the plan and its own part in it. One line of JSON.
package struct ShardPlan: Codable, Equatable, Sendable {
    package var plan: Plan
    /// Where to connect; for the bundled gateway the address that the kernel chose for it.
    package var target: TargetURL
    /// The target's numeric address, resolved once by the controller.
    package var address: String
    /// This shard's number; it plays the clients i with i mod `shards` = `shard`.
    package var shard: Int
    package var shards: Int
    package var seed: UInt64
    /// CLOCK_MONOTONIC at the run's start, the same for all shards of a machine.
    package var startNs: Int64
    /// File with the logins' tokens, as `Credential.csv` writes it; nil: the dialect has none.
    package var credentials: String?

    package init(
        plan: Plan, target: TargetURL, address: String, shard: Int, shards: Int, seed: UInt64, startNs: Int64,
        credentials: String? = nil
    ) {
        self.plan = plan
        self.target = target
        self.address = address
        self.shard = shard
        self.shards = shards
        self.seed = seed
        self.startNs = startNs
        self.credentials = credentials
    }

    /// Clients of this shard.
    package var clientCount: Int {
        let count = plan.accounts.clients
        return shard < count ? (count - shard - 1) / shards + 1 : 0
    }

    /// The number in the whole run of the shard's `local`-th client.
    package func clientNumber(_ local: Int) -> Int { shard + local * shards }
}
