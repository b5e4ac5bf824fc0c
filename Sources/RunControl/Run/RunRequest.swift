package import LoadPlan

/// A run as the user asked for it.
package struct RunRequest: Sendable {
    package var plan: Plan
    package var profileSHA256: String
    package var seed: UInt64
    /// nil: as many as the accounts need.
    package var shards: Int?
    package var gateways: Int?
    /// The bundled stack; its number of gateways and its logs are filled in.
    package var stack: StackLayout
    package var folder: String
    /// Ends the run at its first critical finding.
    package var failFast: Bool
    /// This program, which shards and the bundled gateway are parts of.
    package var executable: String
    package var version: String

    package init(
        plan: Plan, profileSHA256: String, seed: UInt64, shards: Int?, gateways: Int?, stack: StackLayout,
        folder: String,
        failFast: Bool,
        executable: String, version: String
    ) {
        self.plan = plan
        self.profileSHA256 = profileSHA256
        self.seed = seed
        self.shards = shards
        self.gateways = gateways
        self.stack = stack
        self.folder = folder
        self.failFast = failFast
        self.executable = executable
        self.version = version
    }
}
