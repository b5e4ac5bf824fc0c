/// The largest and smallest values a plan may have.
///
/// They keep sums and products of the engine within their integers, and catch numbers that are slips.
enum PlanLimits {
    static let accounts = 1...10_000_000
    static let iterations = 1...1_000_000_000
    static let repeatTimes = 1...1_000_000_000
    /// Steps of a profile, those in `repeat` counted once.
    static let stepCount = 10_000
    static let receiveCount = 1...1_000_000
    static let messageBytes = 1...(64 << 20)
    static let maxMessageBytes = 1...(1 << 30)
    static let nameLength = 64
}
