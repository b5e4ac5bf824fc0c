package import LoadPlan

/// What is known of a run when it starts.
///
/// The first line of its journal, so that a run that was killed can be told.
package struct RunHeader: Codable, Equatable, Sendable {
    /// Version of the journal's format.
    package static let format = "gatecrash.journal/1"

    package var format = RunHeader.format
    /// Names the run and its folder.
    package var runID: String
    /// With everything from the command line applied.
    package var plan: Plan
    /// SHA-256 of the profile's text, hexadecimal; `SHA256.hexDigest`.
    package var profileSHA256: String
    package var seed: UInt64
    /// Wall clock, ISO 8601 with time zone.
    package var startedAt: String
    /// Of gatecrash.
    package var version: String
    package var host: Host
    /// Processes that generate the load, numbered 0 ..< `shards`.
    package var shards: Int
    /// As the user would write it, such as `ws://127.0.0.1:9001/` or `bundled (ws://127.0.0.1:41234/)`.
    package var target: String
    /// What the target's name resolved to, such as `127.0.0.1:9001`.
    package var addresses: [String]
    /// nil: the accounts need none.
    package var enrollment: Report.Enrollment?

    package init(
        runID: String, plan: Plan, profileSHA256: String, seed: UInt64, startedAt: String, version: String, host: Host,
        shards: Int, target: String, addresses: [String], enrollment: Report.Enrollment? = nil
    ) {
        self.runID = runID
        self.plan = plan
        self.profileSHA256 = profileSHA256
        self.seed = seed
        self.startedAt = startedAt
        self.version = version
        self.host = host
        self.shards = shards
        self.target = target
        self.addresses = addresses
        self.enrollment = enrollment
    }

    private enum CodingKeys: String, CodingKey {
        case format, runID = "run_id", plan, profileSHA256 = "profile_sha256", seed, startedAt = "started_at", version
        case host, shards, target, addresses, enrollment
    }
}

/// The machine that generated the load.
package struct Host: Codable, Equatable, Sendable {
    /// That this process may use.
    package var cpus: Int
    /// `uname -sr`, such as `Linux 6.1.0`.
    package var kernel: String
    package var hostname: String?
    package var memoryKiB: Int
    /// Descriptors a process may hold.
    package var descriptorLimit: Int?

    package init(cpus: Int, kernel: String, hostname: String?, memoryKiB: Int, descriptorLimit: Int?) {
        self.cpus = cpus
        self.kernel = kernel
        self.hostname = hostname
        self.memoryKiB = memoryKiB
        self.descriptorLimit = descriptorLimit
    }

    private enum CodingKeys: String, CodingKey {
        case cpus, kernel, hostname, memoryKiB = "memory_kib", descriptorLimit = "descriptor_limit"
    }
}
