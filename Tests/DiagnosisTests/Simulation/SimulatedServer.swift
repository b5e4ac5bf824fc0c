import LoadMetrics

/// How a server behaves towards simulated accounts, and what it holds and does meanwhile.
struct SimulatedServer {
    /// What the server knows of the load when a sample of it is taken.
    struct Load {
        var atS: Double
        var connected: Int
        var messages: Int
        var disconnects: Int
        /// Attempts that were given up while the server held them.
        var abandoned: Int
        /// Accounts admitted and not yet gone.
        var admitted: Int
        var eventsInSecond: Int
    }

    /// Whether anybody passes the phase at this time, seconds.
    var isOpen: (Phase, Double) -> Bool = { _, _ in true }
    /// How long the phase takes, seconds.
    var serviceS: (Phase, Double, inout SeededRandom) -> Double = { _, _, random in random.exponential(mean: 0.004) }
    /// Turns an attempt away with an HTTP status.
    var refuses: ((Double, _ admitted: Int) -> Bool)?
    /// CPU of this second, cores.
    var cores: (Load, inout SeededRandom) -> Double = { load, random in
        0.02 + 0.0002 * Double(load.eventsInSecond) * Double.random(in: 0.7...1.3, using: &random)
    }
    var switches: (Load, inout SeededRandom) -> Int = { load, random in
        30 + random.poisson(4 * Double(load.eventsInSecond))
    }
    /// Adds to what a sample says, once the usual is in.
    var adjust: (inout ServerSample, Load, inout SeededRandom) -> Void = { _, _, _ in }
    var descriptorLimit = 65_536
    var role = WatchedSource.Role.gateway

    static func healthy() -> SimulatedServer { SimulatedServer() }
}

/// What the accounts of a simulated run do.
struct SimulatedLoad {
    var accounts = 60
    var seconds = 60
    var messagesPerSession = 5
    /// Pause between two messages, and between two sessions, seconds.
    var pauseS = 0.15
    var betweenS = 0.2
    /// Of each step that waits for the server, seconds.
    var timeoutS = 10.0
    /// All accounts are there after so long, seconds.
    var rampS = 1.0
    /// Accounts act at this time of the run; otherwise they rest offline or online.
    var isActive: (Double) -> Bool = { _ in true }
    var recordsTimings = false
    var stallAfterMs = 5000
    var processors = 2
    /// The generator's own lateness in a second, microseconds.
    var lagUs: (Int) -> Int = { _ in 500 }
}
