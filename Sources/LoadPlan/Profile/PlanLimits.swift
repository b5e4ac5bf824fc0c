/// The largest and smallest values a plan may have.
///
/// They keep sums and products of the engine within their integers, and catch numbers that are slips.
enum PlanLimits {
    static let accounts = 1...10_000_000
    /// Clients per account; their product with the accounts is limited as accounts are.
    static let logins = 1...1000
    static let abandonedConnections = 1...64
    static let iterations = 1...1_000_000_000
    static let repeatTimes = 1...1_000_000_000
    /// Steps of a profile, those in `repeat` and each branch of `choose` and `roles` counted once.
    static let stepCount = 10_000
    static let receiveCount = 1...1_000_000
    static let messageBytes = 1...(64 << 20)
    static let maxMessageBytes = 1...(1 << 30)
    static let nameLength = 64
    /// Content of an OpenIM message: with the fields around it, and with JSON the base64 of both, it stays below the
    /// 51,200 bytes of a frame at which the gateway ends the connection (open-im-server, internal/msggateway).
    static func contentBytes(_ encoding: OpenIMPlan.Encoding) -> ClosedRange<Int> {
        switch encoding {
        case .gob: 1...(48 << 10)
        case .json: 1...(36 << 10)
        }
    }
    static let pulledMessages = 1...10_000
    static let openIMLoginPolicies = [0, 1, 4, 5]
    static let connectionLimit = 1...10_000_000
    /// How far the shares of a `choose` may be from 1 together.
    static let shareTolerance = 0.001
    static let kickCodes = 1000...4999
    static let gatewayProcesses = 1...256
    static let gatewayThreads = 1...256
    static let queueCapacity = 1...1_000_000
    static let longestRegistration = Duration.seconds(3600)
    /// Below the lowest a gateway cannot start: its loops, listeners and log take some forty.
    static let gatewayDescriptors = 64...1_000_000_000
    static let ports = 1...65535
    /// PID_MAX_LIMIT of a 64-bit kernel (proc_sys_kernel(5)).
    static let pids = 1...4_194_304
}
